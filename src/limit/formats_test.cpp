// Holds docs/formats.md against the structs of this folder.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "src/base/layout_doc.h"
#include "src/limit/zone.h"

namespace gatehouse::limit {
namespace {

TEST(FormatsDocument, ShowsTheZoneHeader)
{
    const std::vector<LayoutField> fields{
        FIELD(ZoneHeader, magic),        FIELD(ZoneHeader, version),
        FIELD(ZoneHeader, header_size),  FIELD(ZoneHeader, cell_count),
        FIELD(ZoneHeader, hash_key),     FIELD(ZoneHeader, description_size),
        FIELD(ZoneHeader, reserved),     FIELD(ZoneHeader, description),
        FIELD(ZoneHeader, checksum),     FIELD(ZoneHeader, zone_minus_monotonic_ms),
        FIELD(ZoneHeader, boot_id),      FIELD(ZoneHeader, beat_zone_ms),
        FIELD(ZoneHeader, beat_unix_ms),
    };
    EXPECT_EQ(documented_layout("ZoneHeader", sizeof(ZoneHeader)), fields);
}

/// A cell's halves are private: it is made to hold two numbers, and its bytes are looked at.
TEST(FormatsDocument, ShowsTheCell)
{
    Cell cell;
    ASSERT_TRUE(cell.replace({}, {.tag = 1, .word = 2}));
    std::uint64_t halves[2];
    std::memcpy(halves, static_cast<const void*>(&cell), sizeof halves);
    std::vector<LayoutField> fields{{"tag", 8, 8}, {"word", 8, 8}};
    fields[0].offset = halves[0] == 1 ? 0 : 8;
    EXPECT_EQ(documented_layout("Cell", sizeof(Cell)), fields);
}

}  // namespace
}  // namespace gatehouse::limit
