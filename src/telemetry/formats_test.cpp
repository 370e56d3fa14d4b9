// Holds docs/formats.md against the telemetry region.
#include <gtest/gtest.h>

#include "src/base/layout_doc.h"
#include "src/telemetry/layout.h"

namespace gatehouse::telemetry {
namespace {

TEST(FormatsDocument, ShowsTheRegionHeader)
{
    const std::vector<LayoutField> fields{
        FIELD(RegionHeader, magic),         FIELD(RegionHeader, version),
        FIELD(RegionHeader, slot_count),    FIELD(RegionHeader, total_size),
        FIELD(RegionHeader, started_at_ms), FIELD(RegionHeader, heap_used),
        FIELD(RegionHeader, series_used),   FIELD(RegionHeader, dropped),
        FIELD(RegionHeader, reserved),
    };
    EXPECT_EQ(documented_layout("RegionHeader", sizeof(RegionHeader)), fields);
}

TEST(FormatsDocument, ShowsTheColumn)
{
    const std::vector<LayoutField> fields{
        FIELD(Column, ring_head), FIELD(Column, reserved),   FIELD(Column, gauges),
        FIELD(Column, counters),  FIELD(Column, histograms), FIELD(Column, ring),
        FIELD(Column, top_keys),
    };
    EXPECT_EQ(documented_layout("Column", sizeof(Column)), fields);
}

}  // namespace
}  // namespace gatehouse::telemetry
