#include "src/base/json_escape.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

std::string escaped(std::string_view text)
{
    std::string out = "prefix:";
    append_json_string(out, text);
    return out.substr(7);
}

TEST(JsonEscape, PlainTextIsQuoted)
{
    EXPECT_EQ(escaped(""), R"("")");
    EXPECT_EQ(escaped("plain /text"), R"("plain /text")");
    EXPECT_EQ(escaped("Z\xC3\xBCrich \xF0\x9F\x9A\xAA"), "\"Z\xC3\xBCrich \xF0\x9F\x9A\xAA\"");
}

TEST(JsonEscape, WhatRfc8259Demands)
{
    EXPECT_EQ(escaped("\"\\"), R"("\"\\")");
    EXPECT_EQ(escaped("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(escaped(std::string_view("\0\x01\x1F\x1B[0m", 7)),
              R"("\u0000\u0001\u001f\u001b[0m")");
    EXPECT_EQ(escaped("\x7F"), "\"\x7F\"");
}

TEST(JsonEscape, MalformedUtf8IsReplaced)
{
    EXPECT_EQ(escaped("a\xFF\x62"), "\"a\xEF\xBF\xBD\x62\"");
    EXPECT_EQ(escaped("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(escaped("\xE2\x82\""), "\"\xEF\xBF\xBD\\\"\"");
}

}  // namespace
}  // namespace gatehouse
