// Holds docs/formats.md against the structs of this folder.
#include <gtest/gtest.h>

#include <cstddef>

#include "src/base/layout_doc.h"
#include "src/conn/zone.h"

namespace gatehouse::conn {
namespace {

TEST(FormatsDocument, ShowsTheHeaderOfACapZone)
{
    const std::vector<LayoutField> fields{
        FIELD(ZoneHeader, magic),       FIELD(ZoneHeader, version),
        FIELD(ZoneHeader, header_size), FIELD(ZoneHeader, cell_count),
        FIELD(ZoneHeader, hash_key),    FIELD(ZoneHeader, counters_per_cell),
        FIELD(ZoneHeader, slots_used),
    };
    EXPECT_EQ(documented_layout("ZoneHeader", sizeof(ZoneHeader)), fields);
}

TEST(FormatsDocument, ShowsTheBitsOfACap)
{
    EXPECT_EQ(CellWord::of_nobody(1).bits(), 1U << 15);
    EXPECT_EQ(CellWord::of(0, 0, 1).bits(), 1U << 11 | 1U);
    EXPECT_EQ(CellWord::of(0, 1023, 15).bits(), 15U << 11 | 1024U);
    EXPECT_EQ(CounterValue{0}.begun().bits(), 1U << 31 | 1U << 27);
    EXPECT_EQ(CounterValue{0}.begun().admitted().bits(), 1U << 27 | 1U);
}

}  // namespace
}  // namespace gatehouse::conn
