#include <gtest/gtest.h>

#include "sidecar/config/source_file.h"
#include "sidecar/config/test_files.h"

namespace gatehouse::config {
namespace {

class Dump : public ::testing::Test, protected TestFiles {};

TEST_F(Dump, IsAConfigurationThatMeansTheSame)
{
    environment_ = {{"V", "it's ${here} $$"}};
    const auto config = load_text(R"({
      "link": {"group": "${V}", "users": ["a"], "mode": "0640"},
      "board": {"file": "off"}, "engine": {"temp_directory": "/t"},
      "sources": {
        "a": {"kind": "csv", "path": "x", "null": ["NA", ""], "columns": {"b": "INT", "a": "INT"}, "skip": 0},
        "b": {"kind": "json", "path": ["y"], "format": "array", "filename": false},
        "c": {"kind": "parquet", "path": "z", "union_by_name": true}},
      "cards": {
        "a": {"path": "/a", "sql": "select '$$$$' from a", "steps": [{"downsample": {"points": 5, "method": "nth"}}]},
        "b": {"path": "/b", "sql": "select 1", "refresh": "1h30m", "stale": "0s", "require": ["x"]},
        "c": {"path": "/c", "sql": "select 1", "refresh": {"cron": "@daily"}, "cache_control": "no-store"}}})");
    ASSERT_TRUE(config) << findings();
    EXPECT_EQ(config->link.group, "it's ${here} $$");
    EXPECT_EQ(config->cards.at("a").sql, "select '$$' from a");
    const std::string first = dump(*config);
    const auto again = load_text(first);
    ASSERT_TRUE(again) << findings() << first;
    EXPECT_EQ(dump(*again), first);
    EXPECT_EQ(again->link.group, config->link.group);
    EXPECT_EQ(again->cards.at("a").sql, config->cards.at("a").sql);
    EXPECT_EQ(again->sources.at("a").columns, config->sources.at("a").columns);
}

TEST(Print, UnderlinesTheToken)
{
    Diagnostics out;
    out.files = 2;
    out.add({Severity::error, "/etc/a.json", 14, 17, 11, "unknown key \"intervall\"",
             "\t  \"refresh\": { \"intervall\": \"5m\" }", 16, "/cards/x/refresh",
             "did you mean \"interval\"?"});
    out.add({Severity::warning, "/etc/b.json", 0, 0, 0, "w", "", 0, "", ""});
    EXPECT_EQ(print(out, false),
              "/etc/a.json:14:17: error: unknown key \"intervall\"; did you mean \"interval\"?\n"
              "   14 | \t  \"refresh\": { \"intervall\": \"5m\" }\n"
              "      | \t               ^~~~~~~~~~~\n"
              " at /cards/x/refresh\n"
              "/etc/b.json: warning: w\n"
              "1 error, 1 warning in 2 files\n");
    EXPECT_EQ(print(Diagnostics{}, true), "");
    EXPECT_NE(print(out, true).find("\033[1;31merror: \033[0m"), std::string::npos);
}

TEST(Print, JsonForPrograms)
{
    Diagnostics out;
    out.files = 1;
    out.add({Severity::error, "a", 1, 2, 3, "m \"x\"", "s\xff", 1, "/p", "h"});
    EXPECT_EQ(print_json(out),
              "{\"errors\":1,\"warnings\":0,\"files\":1,\"diagnostics\":[{\"severity\":\"error\","
              "\"file\":\"a\","
              "\"line\":1,\"column\":2,\"length\":3,\"message\":\"m "
              "\\\"x\\\"\",\"hint\":\"h\",\"pointer\":\"/p\","
              "\"source_line\":\"s\xEF\xBF\xBD\"}]}\n");
}

TEST(Print, NothingOfTheFileReachesTheTerminalUnescaped)
{
    const SourceFile file("f", "\x1b[31m \xc2\x9b \x7f\ttab");
    EXPECT_EQ(file.excerpt({0, 1}).text, "\xEF\xBF\xBD[31m \xEF\xBF\xBD \xEF\xBF\xBD\ttab");
}

}  // namespace
}  // namespace gatehouse::config
