#include "sidecar/base/units.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

using namespace std::chrono_literals;

TEST(Duration, Reads)
{
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1h30m"), 90min);
    EXPECT_EQ(parse_duration("1d"), 24h);
    EXPECT_EQ(parse_duration("2w"), 336h);
    EXPECT_EQ(parse_duration("1s500ms"), 1500ms);
    EXPECT_EQ(parse_duration("0s"), 0ms);
}

TEST(Duration, Refuses)
{
    for (const char* text :
         {"", "30", "s", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "30m1h", "1s1s", "1y", "1S",
          "99999999999999999999s", "9223372036854775807w", "11000d", "1ms1s", "1hms"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(Duration, WritesWhatItReads)
{
    EXPECT_EQ(format_duration(0ms), "0s");
    EXPECT_EQ(format_duration(5400000ms), "1h30m");
    EXPECT_EQ(format_duration(60000ms), "1m");
    EXPECT_EQ(format_duration(1500ms), "1s500ms");
    EXPECT_EQ(format_duration(8 * 24h + 1ms), "1w1d1ms");
}

TEST(Size, Reads)
{
    EXPECT_EQ(parse_size("0"), 0u);
    EXPECT_EQ(parse_size("4096"), 4096u);
    EXPECT_EQ(parse_size("512k"), 524288u);
    EXPECT_EQ(parse_size("10m"), 10485760u);
    EXPECT_EQ(parse_size("10M"), 10485760u);
    EXPECT_EQ(parse_size("1g"), 1073741824u);
    EXPECT_EQ(parse_size("1t"), 1099511627776u);
}

TEST(Size, Refuses)
{
    for (const char* text :
         {"", "m", "-1", "1.5g", "10mb", "10 m", "1p", "99999999999999999999", "4194305t"}) {
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
    }
}

TEST(Size, WritesWhatItReads)
{
    EXPECT_EQ(format_size(0), "0");
    EXPECT_EQ(format_size(1000), "1000");
    EXPECT_EQ(format_size(10485760), "10m");
    EXPECT_EQ(format_size(1536u << 10), "1536k");
}

}  // namespace
}  // namespace gatehouse::sidecar
