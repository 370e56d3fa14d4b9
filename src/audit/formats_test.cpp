// Holds docs/formats.md against the audit region.
#include <gtest/gtest.h>

#include "src/audit/layout.h"
#include "src/base/layout_doc.h"

namespace gatehouse::audit {
namespace {

TEST(FormatsDocument, ShowsTheAuditHeader)
{
    const std::vector<LayoutField> fields{
        FIELD(RegionHeader, magic),      FIELD(RegionHeader, version),
        FIELD(RegionHeader, slot_count), FIELD(RegionHeader, total_size),
        FIELD(RegionHeader, id),         FIELD(RegionHeader, reserved),
    };
    EXPECT_EQ(documented_layout("AuditHeader", sizeof(RegionHeader)), fields);
}

TEST(FormatsDocument, ShowsTheAuditRecord)
{
    const std::vector<LayoutField> fields{
        FIELD(Record, sequence), FIELD(Record, at_ms),    FIELD(Record, request_id),
        FIELD(Record, client),   FIELD(Record, decision), FIELD(Record, more),
        FIELD(Record, text),
    };
    EXPECT_EQ(documented_layout("AuditRecord", sizeof(Record)), fields);
}

}  // namespace
}  // namespace gatehouse::audit
