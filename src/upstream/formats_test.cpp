// Holds docs/formats.md against the structs of this folder.
#include <gtest/gtest.h>

#include "src/base/layout_doc.h"
#include "src/upstream/table.h"

namespace gatehouse::upstream {
namespace {

TEST(FormatsDocument, ShowsTheUpstreamsTable)
{
    const std::vector<LayoutField> header{
        FIELD(UpstreamsHeader, magic),       FIELD(UpstreamsHeader, version),
        FIELD(UpstreamsHeader, header_size), FIELD(UpstreamsHeader, total_size),
        FIELD(UpstreamsHeader, peer_count),  FIELD(UpstreamsHeader, text_size),
    };
    EXPECT_EQ(documented_layout("UpstreamsHeader", sizeof(UpstreamsHeader)), header);

    const std::vector<LayoutField> row{
        FIELD(PeerRow, upstream), FIELD(PeerRow, peer),          FIELD(PeerRow, reason),
        FIELD(PeerRow, state),    FIELD(PeerRow, recovered),     FIELD(PeerRow, reserved),
        FIELD(PeerRow, since_ms), FIELD(PeerRow, checked_at_ms), FIELD(PeerRow, duration_us),
    };
    EXPECT_EQ(documented_layout("PeerRow", sizeof(PeerRow)), row);
}

}  // namespace
}  // namespace gatehouse::upstream
