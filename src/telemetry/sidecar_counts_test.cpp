#include "src/telemetry/sidecar_counts.h"

#include <gtest/gtest.h>

namespace gatehouse::telemetry {
namespace {

TEST(SidecarCounts, AreALineEach)
{
    const SidecarCounts counts{{{"geoip", "/a b.mmdb"}, 2}, {{"keyset", "main"}, 30}};
    EXPECT_EQ(sidecar_counts_text(counts), "geoip\t/a b.mmdb\t2\nkeyset\tmain\t30\n");
    EXPECT_EQ(parse_sidecar_counts("geoip\t/a b.mmdb\t2\nkeyset\tmain\t30\n"), counts);
    EXPECT_EQ(sidecar_counts_text({{{"geoip", "/a\nb"}, 1}}), "");
}

TEST(SidecarCounts, LeaveOutWhatIsNoLine)
{
    const SidecarCounts good{{{"a", "b"}, 1}};
    EXPECT_EQ(parse_sidecar_counts("a\tb\t1"), good);
    EXPECT_EQ(parse_sidecar_counts("\n\na\tb\t1\nx\ty\nx\ty\t-1\nx\ty\t1z\nx\ty\t\n"), good);
    EXPECT_EQ(parse_sidecar_counts("a\tb\t99999999999999999999"), SidecarCounts{});
    EXPECT_EQ(parse_sidecar_counts(""), SidecarCounts{});
}

}  // namespace
}  // namespace gatehouse::telemetry
