#include "src/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse {
namespace {

std::string repaired(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const Utf8Step step = utf8_step(text);
        out += step.valid ? text.substr(0, step.size) : std::string_view("?");
        text.remove_prefix(step.size);
    }
    return out;
}

TEST(Utf8, WellFormedStays)
{
    for (const auto* text : {"", "plain", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
                             "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80",
                             "\xF4\x8F\xBF\xBF", "Z\xC3\xBCrich \xE2\x82\xAC \xF0\x9F\x9A\xAA"}) {
        EXPECT_EQ(repaired(text), text);
    }
    EXPECT_EQ(repaired(std::string_view("\0", 1)), std::string_view("\0", 1));
}

// The Unicode Standard 15, tables 3-8 to 3-11: one replacement for each maximal subpart.
TEST(Utf8, TablesOfUnicode)
{
    EXPECT_EQ(repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), "????????A");
    EXPECT_EQ(repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), "????????A");
    EXPECT_EQ(repaired("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), "?????A??B");
    EXPECT_EQ(repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), "????A");
}

TEST(Utf8, CutOff)
{
    EXPECT_EQ(repaired("a\xE2\x82"), "a?");
    EXPECT_EQ(repaired("a\xF0\x9F\x9A"), "a?");
    EXPECT_EQ(repaired("\xC3"), "?");
}

}  // namespace
}  // namespace gatehouse
