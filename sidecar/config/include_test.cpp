#include <gtest/gtest.h>

#include "sidecar/config/test_files.h"

namespace gatehouse::config {
namespace {

class Include : public ::testing::Test, protected TestFiles {};

TEST_F(Include, MergesSectionsInSortedOrder)
{
    write("conf.d/20-b.json",
          R"({"cards": {"b": {"path": "/b", "sql": "select 1"}}, "engine": {"workers": 4}})");
    write("conf.d/10-a.json",
          R"({"cards": {"a": {"path": "/a", "sql": "select 1", "sources": ["s"]}}})");
    write("conf.d/notes.txt", "not read");
    const auto config = load_text(R"({"include": "conf.d/*.json", "engine": {"threads": 3},
        "sources": {"s": {"kind": "csv", "path": "x.csv"}}})");
    ASSERT_TRUE(config) << findings();
    EXPECT_EQ(config->cards.size(), 2u);
    EXPECT_EQ(config->engine.threads, 3u);
    EXPECT_EQ(config->engine.workers, 4u);
    EXPECT_EQ(config->cards.at("a").origin, path("conf.d/10-a.json") + ":1");
    EXPECT_EQ(diagnostics_.files, 3u);
}

TEST_F(Include, IsRelativeToTheIncludingFile)
{
    write("sub/one.json", R"({"include": ["two.json"]})");
    write("sub/two.json", R"({"sources": {"s": {"kind": "csv", "path": "x.csv"}}})");
    const auto config = load_text(R"({"include": ["sub/one.json"]})");
    ASSERT_TRUE(config) << findings();
    // Data stay relative to the main file.
    EXPECT_EQ(config->sources.at("s").paths.at(0), path("x.csv"));
}

TEST_F(Include, TheSameKeyTwiceNamesBothPlaces)
{
    write("a.json",
          "{\"cards\": {\n  \"a\": {\"path\": \"/b\", \"sql\": \"select 1\"}},\n \"log\": "
          "{\"level\": \"info\"}}");
    EXPECT_EQ(findings_of(R"({"include": ["a.json"], "log": {"level": "warn"},
 "cards": {"a": {"path": "/a", "sql": "select 1"}}})"),
              "a.json:2:3: error: duplicate key \"a\", first in main.json:2:12\n"
              "a.json:3:10: error: duplicate key \"level\", first in main.json:1:33\n");
}

TEST_F(Include, NotesMayRepeat)
{
    write("a.json", R"({"$schema": "x", "$comment": "y", "x-note": 1, "log": {"$comment": "z"}})");
    EXPECT_TRUE(load_text(R"({"include": ["a.json"], "$schema": "x", "$comment": "y", "x-note": 2,
        "log": {"$comment": "z"}})"))
        << findings();
}

TEST_F(Include, MistakesHaveTheirOwnFile)
{
    write("a.json", "{\"engine\": {\"thread\": 1}}");
    write("b.json", "{\"engine\": {");
    EXPECT_EQ(
        findings_of("{\"include\": [\"*.json\"], \"x\": 1}"),
        "a.json:1:13: error: unknown key \"thread\"; did you mean \"threads\"?\n"
        "b.json:1:13: error: expected a key, found the end of the file; the bracket was opened "
        "in line 1\n"
        "main.json:1:14: error: \"main.json\" is already part of this configuration\n"
        "main.json:1:25: error: unknown key \"x\"\n");
    EXPECT_EQ(diagnostics_.files, 3u);
}

TEST_F(Include, WhatCannotBeIncluded)
{
    EXPECT_EQ(findings_of("{\"include\": [\"none.json\"]}"),
              "main.json:1:14: error: cannot read \"none.json\": No such file or directory\n");
    EXPECT_TRUE(load_text("{\"include\": [\"none/*.json\"]}"));
    EXPECT_EQ(findings_of("{\"include\": \"main.json\"}"),
              "main.json:1:13: error: \"main.json\" is already part of this configuration\n");
    EXPECT_EQ(findings_of("{\"include\": 5}"),
              "main.json:1:13: error: \"include\": expected a path or a list of paths, got 5\n");
    EXPECT_EQ(findings_of("{\"include\": [5, \"\"]}"),
              "main.json:1:14: error: \"include\": expected a string, got 5\n"
              "main.json:1:17: error: \"include\" must not be empty\n");
}

TEST_F(Include, EightLevels)
{
    for (int i = 1; i <= 8; ++i) {
        write(std::to_string(i), "{\"include\": \"" + std::to_string(i + 1) + "\"}");
    }
    write("9", "{}");
    EXPECT_EQ(findings_of("{\"include\": \"2\"}"), "");
    EXPECT_EQ(findings_of("{\"include\": \"1\"}"),
              "8:1:13: error: included more than 8 levels deep\n");
}

}  // namespace
}  // namespace gatehouse::config
