#include "sidecar/base/json_rows.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

std::string rows(std::string_view text, std::string_view pointer = "")
{
    const auto rows = json_rows(text, pointer);
    return rows ? rows->ndjson : "error: " + rows.error().message;
}

TEST(JsonRows, AreTheObjectsOfAnArrayOrOne)
{
    EXPECT_EQ(rows(R"([{"a":1},{"a":[2,{"b":null}]}])"), "{\"a\":1}\n{\"a\":[2,{\"b\":null}]}\n");
    EXPECT_EQ(rows(" {\"a\" :\n -1.5e+3 } \r\n"), "{\"a\" :  -1.5e+3 }\n");
    EXPECT_EQ(rows("[]"), "");
    EXPECT_EQ(rows("\xEF\xBB\xBF[ ]"), "");
    EXPECT_EQ(json_rows("[{},{},{}]", "")->rows, 3u);
}

// RFC 6901 §5, its document and pointers.
TEST(JsonRows, AreWhereThePointerLeads)
{
    constexpr const char* document = R"({"foo":[{"n":0},{"n":1}],"":{"n":2},"a/b":{"n":3},"c%d":
        {"n":4},"m~n":{"n":8},"k\"l":{"n":6}," ":{"n":7}})";
    EXPECT_EQ(rows(document, "/foo"), "{\"n\":0}\n{\"n\":1}\n");
    EXPECT_EQ(rows(document, "/foo/0"), "{\"n\":0}\n");
    EXPECT_EQ(rows(document, "/"), "{\"n\":2}\n");
    EXPECT_EQ(rows(document, "/a~1b"), "{\"n\":3}\n");
    EXPECT_EQ(rows(document, "/c%d"), "{\"n\":4}\n");
    EXPECT_EQ(rows(document, "/m~0n"), "{\"n\":8}\n");
    EXPECT_EQ(rows(document, "/k\"l"), "{\"n\":6}\n");
    EXPECT_EQ(rows(document, "/ "), "{\"n\":7}\n");
    for (const char* nowhere : {"/foo/2", "/foo/00", "/foo/-", "/bar", "/foo/0/n/x", "/foo/0/x"}) {
        EXPECT_EQ(rows(document, nowhere),
                  "error: \"rows\": the document has nothing at \"" + std::string(nowhere) + '"');
    }
    EXPECT_EQ(rows(document, "foo"), "error: a JSON pointer begins with \"/\"");
    EXPECT_EQ(rows(document, "/~2"), "error: a JSON pointer has \"~0\" for ~ and \"~1\" for /");
}

TEST(JsonRows, NamesAreComparedByWhatTheyMean)
{
    EXPECT_EQ(rows(R"({"a\u002Fb":{"n":1}})", "/a~1b"), "{\"n\":1}\n");
    EXPECT_EQ(rows(R"({"\ud83d\ude00":{"n":1}})", "/\xF0\x9F\x98\x80"), "{\"n\":1}\n");
    EXPECT_EQ(rows(R"([{"é":1,"\u00e9":2}])"),
              "error: line 1, column 18: the name \"\xC3\xA9\" is there twice");
}

TEST(JsonRows, TheWholeDocumentIsChecked)
{
    EXPECT_EQ(rows(R"({"a":{"n":1},"b":tru})", "/a"),
              "error: line 1, column 18: this is no JSON value");
    EXPECT_EQ(rows("{\"a\":{\"n\":1}}\n\nx", "/a"),
              "error: line 3, column 1: there is more behind the document");
}

TEST(JsonRows, EveryCutIsAnError)
{
    constexpr std::string_view document =
        R"({"a":[{"s":"\u00e9\\\ud83d\ude00x","n":-0.5E-1,"l":[true,false,null,{}]}]})";
    ASSERT_TRUE(json_rows(document, "/a"));
    for (std::size_t size = 0; size < document.size(); ++size) {
        EXPECT_FALSE(json_rows(document.substr(0, size), "/a")) << size;
    }
}

TEST(JsonRows, WhatIsNoJsonIsNone)
{
    for (const char* text : {"[{\"n\":01}]",
                             "[{\"n\":1.}]",
                             "[{\"n\":.5}]",
                             "[{\"n\":+1}]",
                             "[{\"n\":1e}]",
                             "[{\"n\":NaN}]",
                             "[{\"n\":-}]",
                             "[{\"n\":0x1}]",
                             "[{n:1}]",
                             "[{'n':1}]",
                             "[{\"n\":1,}]",
                             "[{\"n\":1},]",
                             "[,{\"n\":1}]",
                             "[{\"n\" 1}]",
                             "[{\"n\":\"\t\"}]",
                             "[{\"n\":\"\\x\"}]",
                             "[{\"\\u0000\":1}]",
                             "[{\"n\":\"\\u12g4\"}]",
                             "[{\"n\":\"\\udc00\"}]",
                             "[{\"n\":\"\\ud800\\u0041\"}]",
                             "[{\"n\":\"\xC0\xAF\"}]",
                             "[{\"n\":\"\xED\xA0\x80\"}]",
                             "[{\"n\":1}]]",
                             "[{\"n\":1}}",
                             "/**/[]",
                             "",
                             " ",
                             "nul",
                             "[1]",
                             "1",
                             "\"a\"",
                             "null"}) {
        EXPECT_FALSE(json_rows(text, "")) << text;
    }
}

TEST(JsonRows, DepthAndMembersAreBounded)
{
    const auto nested = [](unsigned depth) {
        return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    EXPECT_TRUE(json_rows(nested(deepest_json - 1), ""));
    EXPECT_FALSE(json_rows(nested(deepest_json), ""));
    EXPECT_FALSE(json_rows("{\"a\":" + std::string(1'000'000, '['), ""));
    std::string wide = "{\"0\":0";
    for (std::size_t i = 1; i < most_json_members; ++i) {
        wide += ",\"" + std::to_string(i) + "\":0";
    }
    EXPECT_TRUE(json_rows(wide + "}", ""));
    EXPECT_FALSE(json_rows(wide + ",\"x\":0}", ""));
}

}  // namespace
}  // namespace gatehouse::sidecar
