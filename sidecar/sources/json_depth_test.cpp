#include "sidecar/sources/json_depth.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::sources {
namespace {

std::string times(unsigned count, const std::string& text)
{
    std::string all;
    for (unsigned i = 0; i < count; ++i) {
        all += text;
    }
    return all;
}

/// Whole, and a character at a time: that must not make a difference.
bool fits(const std::string& text)
{
    const bool whole = JsonDepth{}.add(text);
    JsonDepth depth;
    bool piecewise = true;
    for (const char& c : text) {
        piecewise = piecewise && depth.add({&c, 1});
    }
    EXPECT_EQ(whole, piecewise) << text;
    return whole;
}

TEST(JsonDepth, IsOfArraysAndObjects)
{
    EXPECT_TRUE(fits(times(64, "[") + times(64, "]")));
    EXPECT_FALSE(fits(times(65, "[")));
    EXPECT_FALSE(fits(times(65, "{\"a\":")));
    EXPECT_FALSE(fits(times(33, "[{\"a\":")));
    EXPECT_TRUE(fits(times(1000, "[{}, {\"a\": [1]}]\n"))) << "beside each other";
    EXPECT_FALSE(fits(times(1000, "]") + times(65, "["))) << "what is closed too often";
}

TEST(JsonDepth, BracketsInStringsAreText)
{
    const auto many = times(100, "[{");
    EXPECT_TRUE(fits("[\"" + many + "\"]"));
    EXPECT_TRUE(fits(R"(["\")" + many + "\"]")) << "an escaped quote";
    EXPECT_FALSE(fits(R"(["\\")" + many)) << "an escaped backslash";
    EXPECT_TRUE(fits(R"(["\\\")" + many + "\"]"));
    EXPECT_FALSE(fits("\\\"\"" + many)) << "no escape outside a string";
}

TEST(JsonDepth, AStringEndsWithItsLine)
{
    const auto many = times(100, "[");
    EXPECT_FALSE(fits("{\"a\n" + many));
    EXPECT_FALSE(fits("{\"a\r" + many));
    EXPECT_FALSE(fits("{\"a\\\n" + many)) << "though its last character is a backslash";
    EXPECT_FALSE(fits("{\"a\\\r\n" + many));
}

}  // namespace
}  // namespace gatehouse::sources
