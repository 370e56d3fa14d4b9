#include "src/http/range.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>

namespace gatehouse::http {
namespace {

constexpr std::uint64_t max64 = std::numeric_limits<std::uint64_t>::max();

/// `first-last`, `full` or `416`.
std::string selected(std::string_view range, std::uint64_t size)
{
    const RangeResult result = select_range(range, size);
    switch (result.kind) {
    case RangeResult::Kind::full: return "full";
    case RangeResult::Kind::unsatisfiable: return "416";
    case RangeResult::Kind::partial: break;
    }
    return std::to_string(result.first) + "-" + std::to_string(result.last);
}

TEST(SelectRange, ExamplesOfRfc9110ForTenThousandBytes)
{
    EXPECT_EQ(selected("bytes=0-499", 10000), "0-499");
    EXPECT_EQ(selected("bytes=500-999", 10000), "500-999");
    EXPECT_EQ(selected("bytes=-500", 10000), "9500-9999");
    EXPECT_EQ(selected("bytes=9500-", 10000), "9500-9999");
    EXPECT_EQ(selected("bytes=0-0,-1", 10000), "full");
    EXPECT_EQ(selected("bytes=500-600,601-999", 10000), "full");
}

TEST(SelectRange, Edges)
{
    EXPECT_EQ(selected("bytes=0-0", 1), "0-0");
    EXPECT_EQ(selected("bytes=0-", 1), "0-0");
    EXPECT_EQ(selected("bytes=-1", 1), "0-0");
    EXPECT_EQ(selected("bytes=9-9", 10), "9-9");
    EXPECT_EQ(selected("bytes=9-10", 10), "9-9");
    EXPECT_EQ(selected("bytes=0-9", 10), "0-9");
    EXPECT_EQ(selected("bytes=-11", 10), "0-9");
    EXPECT_EQ(selected("bytes=10-", 10), "416");
    EXPECT_EQ(selected("bytes=10-11", 10), "416");
    EXPECT_EQ(selected("bytes=-0", 10), "416");
    EXPECT_EQ(selected("bytes=-000", 10), "416");
    EXPECT_EQ(selected("bytes=0005-0006", 10), "5-6");
    EXPECT_EQ(selected("BYTES=5-", 10), "5-9");
    EXPECT_EQ(selected(" bytes=5- ", 10), "5-9");
}

TEST(SelectRange, EmptyRepresentation)
{
    EXPECT_EQ(selected("bytes=0-", 0), "416");
    EXPECT_EQ(selected("bytes=0-0", 0), "416");
    EXPECT_EQ(selected("bytes=-1", 0), "full");
    EXPECT_EQ(selected("bytes=-0", 0), "416");
}

TEST(SelectRange, NumbersBeyond64Bits)
{
    EXPECT_EQ(selected("bytes=0-18446744073709551615", 10), "0-9");
    EXPECT_EQ(selected("bytes=0-18446744073709551616", 10), "0-9");
    EXPECT_EQ(selected("bytes=0-99999999999999999999999999", 10), "0-9");
    EXPECT_EQ(selected("bytes=18446744073709551616-", 10), "416");
    EXPECT_EQ(selected("bytes=-99999999999999999999999999", 10), "0-9");
    EXPECT_EQ(selected("bytes=18446744073709551616-18446744073709551617", 10), "416");
    EXPECT_EQ(selected("bytes=18446744073709551616-1", 10), "full");
    EXPECT_EQ(selected("bytes=-18446744073709551615", max64), "0-18446744073709551614");
    EXPECT_EQ(selected("bytes=1-18446744073709551615", max64), "1-18446744073709551614");
    EXPECT_EQ(selected("bytes=0-" + std::string(100000, '9'), 10), "0-9");
}

TEST(SelectRange, SeveralOrMalformedOrAnotherUnitIsFull)
{
    for (const auto* range : {
             "",           "bytes",      "bytes=",        "bytes=-",        "bytes=--1",
             "bytes=a-b",  "bytes=1",    "bytes=5-2",     "bytes= 0-1",     "bytes=0 -1",
             "bytes=0- 1", "bytes =0-1", "bytes=0-1-2",   "bytes=+0-1",     "bytes=0x0-1",
             "bytes=0-1,", "bytes=,0-1", "bytes=0-1,2-3", "bytes=0-,0-,0-", "bytes=-0,-0",
             "bytes:0-1",  "items=0-1",  "byte=0-1",      "bytes=0-1;x",    "0-1",
             "bytes=1.5-",
         }) {
        EXPECT_EQ(selected(range, 10), "full") << range;
    }
    std::string many = "bytes=0-0";
    for (int i = 1; i < 1000; ++i) {
        many += "," + std::to_string(i) + "-" + std::to_string(i);
    }
    EXPECT_EQ(selected(many, 10), "full");
}

TEST(SelectRange, Length)
{
    EXPECT_EQ(select_range("bytes=2-4", 10).length(), 3u);
    EXPECT_EQ(select_range("bytes=0-", max64).length(), max64);
}

TEST(IfRange, Tags)
{
    const Validators current{"\"x\"", 784111777};
    const auto holds = [&](std::string_view value) {
        return if_range_holds(value, current, 800000000);
    };
    EXPECT_TRUE(holds(R"("x")"));
    EXPECT_TRUE(holds(R"( "x" )"));
    EXPECT_FALSE(holds(R"(W/"x")"));
    EXPECT_FALSE(holds(R"("y")"));
    EXPECT_FALSE(holds(R"("x", "y")"));
    EXPECT_FALSE(holds(R"("x)"));
    EXPECT_FALSE(holds("x"));
    EXPECT_FALSE(holds("*"));
    EXPECT_FALSE(holds(""));
}

TEST(IfRange, DatesAreExactAndOver)
{
    const Validators current{"\"x\"", 784111777};
    const auto holds = [&](std::string_view value, UnixSeconds now) {
        return if_range_holds(value, current, now);
    };
    EXPECT_TRUE(holds("Sun, 06 Nov 1994 08:49:37 GMT", 784111778));
    EXPECT_FALSE(holds("Sun, 06 Nov 1994 08:49:37 GMT", 784111777));
    EXPECT_FALSE(holds("Sun, 06 Nov 1994 08:49:38 GMT", 800000000));
    EXPECT_FALSE(holds("Sun, 06 Nov 1994 08:49:36 GMT", 800000000));
    EXPECT_FALSE(holds("Sun, 06 Nov 1994", 800000000));
}

TEST(ContentRange, Text)
{
    std::array<char, content_range_capacity> buffer;
    const auto text = [&](std::string_view range, std::uint64_t size) {
        return format_content_range(select_range(range, size), size, buffer);
    };
    EXPECT_EQ(text("bytes=42-1233", 1234), "bytes 42-1233/1234");
    EXPECT_EQ(text("bytes=1234-", 1234), "bytes */1234");
    EXPECT_EQ(text("bytes=0-", 0), "bytes */0");
    EXPECT_EQ(format_content_range({RangeResult::Kind::partial, max64, max64}, max64, buffer),
              "bytes 18446744073709551615-18446744073709551615/18446744073709551615");
}

}  // namespace
}  // namespace gatehouse::http
