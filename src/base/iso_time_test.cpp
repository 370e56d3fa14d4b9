#include "src/base/iso_time.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

std::string iso(std::int64_t unix_us)
{
    std::string out;
    append_iso_time(out, unix_us);
    return out;
}

/// By `date -u -d @SECONDS`.
TEST(IsoTime, IsWhatDateSays)
{
    EXPECT_EQ(iso(0), "1970-01-01T00:00:00.000000");
    EXPECT_EQ(iso(951'827'696'000'001), "2000-02-29T12:34:56.000001");
    EXPECT_EQ(iso(1'767'323'045'678'901), "2026-01-02T03:04:05.678901");
    EXPECT_EQ(iso(4'102'444'799'999'999), "2099-12-31T23:59:59.999999");
}

}  // namespace
}  // namespace gatehouse
