#include "sidecar/render/number_text.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

namespace gatehouse::render {
namespace {

template <class Value>
std::string text(Value value)
{
    char buffer[longest_number];
    return {buffer, write_float(buffer, value)};
}

std::string decimal(std::int64_t unscaled, unsigned scale)
{
    char buffer[longest_number];
    return {buffer,
            write_decimal(buffer, {static_cast<std::uint64_t>(unscaled), unscaled < 0 ? -1 : 0},
                          scale)};
}

// Expected: repr() of Python 3.
TEST(NumberText, WritesDoublesAsPythonDoes)
{
    EXPECT_EQ(text(0.0), "0.0");
    EXPECT_EQ(text(-1.5), "-1.5");
    EXPECT_EQ(text(123456789012345.6), "123456789012345.6");
    EXPECT_EQ(text(9999999999999998.0), "9999999999999998.0");
    EXPECT_EQ(text(1e16), "1e+16");
    EXPECT_EQ(text(1.2345e+22), "1.2345e+22");
    EXPECT_EQ(text(1e-5), "1e-05");
    EXPECT_EQ(text(2.2250738585072014e-308), "2.2250738585072014e-308");
    EXPECT_EQ(text(-std::numeric_limits<double>::denorm_min()), "-5e-324");
}

TEST(NumberText, EveryDoubleReadsBack)
{
    std::mt19937_64 random(7);
    for (int i = 0; i < 200'000; ++i) {
        const std::uint64_t bits = random();
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        if (!std::isfinite(value)) {
            continue;
        }
        const std::string written = text(value);
        ASSERT_LT(written.size(), longest_number);
        ASSERT_EQ(std::strtod(written.c_str(), nullptr), value) << written;
        ASSERT_NE(written.find_first_of(".e"), std::string::npos) << written;
    }
}

// Expected: C++'s own shortest form, which takes another way.
TEST(NumberText, ShortDecimalsAreTheShortestForm)
{
    std::mt19937_64 random(11);
    for (int i = 0; i < 200'000; ++i) {
        const int decimals = static_cast<int>(random() % 8);
        const double scale = std::pow(10.0, decimals);
        const double value =
            static_cast<double>(static_cast<std::int64_t>(random() % 2'000'000'000'000) -
                                1'000'000'000'000) /
            scale;
        char expected[longest_number];
        char* end =
            std::to_chars(expected, expected + sizeof expected, value, std::chars_format::fixed)
                .ptr;
        const std::string fixed(expected, end);
        if (std::abs(value) >= 1e-4) {
            ASSERT_EQ(text(value), fixed + (fixed.find('.') == fixed.npos ? ".0" : ""));
        }
    }
    EXPECT_EQ(text(0.0001), "0.0001");
    EXPECT_EQ(text(0.1 + 0.2), "0.30000000000000004");
    EXPECT_EQ(text(999999999.999999), "999999999.999999");
    EXPECT_EQ(text(-0.000999), "-0.000999");
    EXPECT_EQ(text(100.0), "100.0");
}

// Expected: std::to_string, which takes another way.
TEST(NumberText, WritesIntegers)
{
    const auto integer = [](std::int64_t value) {
        char buffer[longest_number];
        return std::string(buffer, write_integer(buffer, value));
    };
    for (std::int64_t value = -20'000; value <= 20'000; ++value) {
        ASSERT_EQ(integer(value), std::to_string(value));
    }
    std::mt19937_64 random(13);
    for (int i = 0; i < 200'000; ++i) {
        const auto value = static_cast<std::int64_t>(random()) >> (random() % 64);
        ASSERT_EQ(integer(value), std::to_string(value));
    }
    EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(integer(99'999'999), "99999999");
    EXPECT_EQ(integer(100'000'000), "100000000");
}

TEST(NumberText, WritesDecimals)
{
    EXPECT_EQ(decimal(0, 0), "0");
    EXPECT_EQ(decimal(0, 2), "0.00");
    EXPECT_EQ(decimal(5, 3), "0.005");
    EXPECT_EQ(decimal(-5, 1), "-0.5");
    EXPECT_EQ(decimal(1005, 2), "10.05");
    EXPECT_EQ(decimal(-1234567, 4), "-123.4567");
}

}  // namespace
}  // namespace gatehouse::render
