#include "sidecar/config/scan.h"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

struct Scanned {
    explicit Scanned(std::string text)
    {
        root = scan(tree.files.emplace_back("t.json", std::move(text)), tree, out);
    }

    const Node* at(std::initializer_list<std::string_view> path) const
    {
        const Node* node = root;
        for (const std::string_view name : path) {
            node = find(node, name);
        }
        return node;
    }

    /// `LINE:COL message` of the first finding.
    std::string first() const
    {
        if (out.list.empty()) {
            return "";
        }
        const Diagnostic& d = out.list.front();
        return std::to_string(d.line) + ':' + std::to_string(d.column) + ' ' + d.message;
    }

    Tree tree;
    Diagnostics out;
    Node* root = nullptr;
};

TEST(BlankComments, KeepsEveryPosition)
{
    EXPECT_EQ(blank_comments("[1, // one\n2]"), "[1,       \n2]");
    EXPECT_EQ(blank_comments("[1/*a\nb*/]"), "[1   \n   ]");
    EXPECT_EQ(blank_comments("[\"//\", \"/*\", \"\\\"//\"]"), "[\"//\", \"/*\", \"\\\"//\"]");
    EXPECT_EQ(blank_comments("[1,]"), "[1 ]");
    EXPECT_EQ(blank_comments("{\"a\":1 , /* x */ }"), "{\"a\":1           }");
    EXPECT_EQ(blank_comments("[[],{},]"), "[[],{} ]");
}

TEST(BlankComments, LeavesWhatIsNoTrailingComma)
{
    for (const char* text :
         {"[,]", "{,}", "[1,,]", "{\"a\":,}", "[1,2]", "/* open", "/", "\"open", "\"\\"}) {
        EXPECT_EQ(blank_comments(text), text);
    }
}

TEST(Scan, KnowsWhereEverythingIs)
{
    const Scanned s("{\n  \"a\": {\"b\": [10, 20]}, // c\n\t\"ä\": \"ö\", \"z\": null,\n}\n");
    ASSERT_NE(s.root, nullptr) << s.first();
    const Node* b = s.at({"a", "b"});
    ASSERT_NE(b, nullptr);
    EXPECT_EQ(pointer_of(*b), "/a/b");
    EXPECT_EQ(place_of(*b), "t.json:2:9");
    EXPECT_EQ(pointer_of(*b->children[1]), "/a/b/1");
    EXPECT_EQ(integer_of(b->children[1]), 20);
    const Place twenty = s.root->file->place(b->children[1]->value.offset);
    EXPECT_EQ(twenty.column, 19u);
    EXPECT_EQ(place_of(*s.at({"z"})), "t.json:3:12");  // columns are code points
    EXPECT_EQ(text_of(s.at({"ä"})), "ö");
}

TEST(Scan, DecodesKeys)
{
    const Scanned s(R"({"\u0061/b~": 1})");
    ASSERT_NE(s.root, nullptr);
    ASSERT_NE(s.at({"a/b~"}), nullptr);
    EXPECT_EQ(pointer_of(*s.at({"a/b~"})), "/a~1b~0");
}

TEST(Scan, ReportsEveryDuplicateWithBothPlaces)
{
    const Scanned s("{\"a\": 1,\n \"\\u0061\": 2,\n \"b\": {\"c\": 1, \"c\": 3}}");
    ASSERT_NE(s.root, nullptr);
    EXPECT_EQ(s.out.errors, 2u);
    EXPECT_EQ(s.first(), "2:2 duplicate key \"a\", first in t.json:1:2");
    EXPECT_EQ(integer_of(s.at({"a"})), 2);
    EXPECT_EQ(integer_of(s.at({"b", "c"})), 3);
}

TEST(Scan, SyntaxErrors)
{
    EXPECT_EQ(Scanned("").first(), "1:1 the file is empty");
    EXPECT_EQ(Scanned("{\"a\" 1}").first(), "1:6 expected \":\" after the key");
    EXPECT_EQ(Scanned("{\"a\": 1 \"b\": 2}").first(), "1:9 expected \",\" or \"}\"");
    EXPECT_EQ(Scanned("{\"a\": 1").first(),
              "1:8 expected \",\" or \"}\", found the end of the file");
    EXPECT_EQ(Scanned("{a: 1}").first(), "1:2 expected a key in double quotes");
    EXPECT_EQ(Scanned("{\"a\": yes}").first(), "1:7 expected a value, found \"yes\"");
    EXPECT_EQ(Scanned("{\"a\": 'x'}").first(), "1:7 expected a value, found \"'x'\"");
    EXPECT_EQ(Scanned("{\"a\": ,}").first(), "1:7 expected a value, found \",\"");
    EXPECT_EQ(Scanned("{\"a\": \"x\n\"}").first(), "1:7 the string is not closed on its line");
    EXPECT_EQ(Scanned("{\"a\": \"\t\"}").first(),
              "1:7 a control character inside a string; write it as an escape");
    EXPECT_EQ(Scanned("{} x").first(),
              "1:4 expected the end of the file after the closing bracket");
    EXPECT_EQ(Scanned("[1 /* open").first(), "1:4 the comment is not closed");
    EXPECT_EQ(Scanned("[1] /* open").first(),
              "1:5 expected the end of the file after the closing bracket");
    EXPECT_EQ(Scanned("[/* open").first(), "1:2 the comment is not closed");
}

TEST(Scan, WhatJanssonRefusesHasAPlace)
{
    EXPECT_EQ(Scanned("{\n\"a\": 01}").first().substr(0, 4), "2:6 ");
    EXPECT_EQ(Scanned("[99999999999999999999]").out.errors, 1u);
    EXPECT_EQ(Scanned("[1e999]").out.errors, 1u);
    EXPECT_EQ(Scanned("[1 // gr\xfcn\n]").first(), "");
    EXPECT_EQ(Scanned("[\"\\q\"]").out.errors, 1u);
    EXPECT_EQ(Scanned("[\"\\u0000\"]").out.errors, 1u);
    EXPECT_EQ(Scanned("[\"\xc3\xa4\xff\"]").first(), "1:4 this is not UTF-8");
    EXPECT_EQ(Scanned(std::string("\xff\xfe{\0}\0", 6)).first(), "1:1 this is UTF-16, not UTF-8");
    EXPECT_EQ(Scanned("[\"\xed\xa0\x80\"]").first(), "1:3 this is not UTF-8");
    EXPECT_EQ(Scanned("[\"\xc0\x80\"]").first(), "1:3 this is not UTF-8");
    EXPECT_EQ(Scanned("[\"\\ud800\"]").out.errors, 1u);
}

TEST(Scan, ByteOrderMarkIsDropped)
{
    const Scanned s("\xEF\xBB\xBF{\"a\": 1}");
    ASSERT_NE(s.root, nullptr) << s.first();
    EXPECT_EQ(place_of(*s.at({"a"})), "t.json:1:2");
}

TEST(Scan, Limits)
{
    EXPECT_NE(Scanned(std::string(64, '[') + std::string(64, ']')).root, nullptr);
    EXPECT_EQ(Scanned(std::string(65, '[') + std::string(65, ']')).first(),
              "1:65 nested deeper than 64 levels");
    EXPECT_EQ(Scanned(std::string(1 << 20, '[')).first(), "1:65 nested deeper than 64 levels");
    std::string many = "[0";
    for (int i = 0; i < 500'000; ++i) {
        many += ",0";
    }
    EXPECT_EQ(Scanned(many + "]").first().substr(0, 50),
              "1:1000001 more than 500000 values in one file");
}

TEST(Scan, ALineOfMegabytesIsShownInPart)
{
    const Scanned s("[" + std::string(1 << 20, ' ') + "x" + std::string(1 << 20, ' ') + "]");
    ASSERT_EQ(s.out.list.size(), 1u);
    EXPECT_EQ(s.out.list[0].column, (1u << 20) + 2);
    EXPECT_LT(s.out.list[0].source_line.size(), 200u);
}

}  // namespace
}  // namespace gatehouse::config
