#include <gtest/gtest.h>

#include "sidecar/config/test_files.h"

namespace gatehouse::config {
namespace {

class Checks : public ::testing::Test, protected TestFiles {
protected:
    /// What is said about one card with this path, in a file of its own.
    std::string path_verdict(const std::string& path_json)
    {
        return findings_of("{\"cards\": {\"a\": {\"sql\": \"select 1\", \"path\": " + path_json +
                           "}}}");
    }

    std::string card_verdict(const std::string& keys)
    {
        return findings_of("{\"cards\": {\"a\": {\"path\": \"/a\", \"sql\": \"select 1\",\n" +
                           keys + "}}}");
    }
};

TEST_F(Checks, PathsThatNeverMatchAreRefused)
{
    for (const char* good :
         {"\"/\"", "\"/a/b.csv\"", "\"/a%20b\"", "\"/\\u00e4\"", "\"/..a/...\"", "\"/a b\""}) {
        EXPECT_EQ(path_verdict(good), "") << good;
    }
    for (const char* bad :
         {"\"\"", "\"a\"", "\"../a\"", "\"/../a\"", "\"/a/..\"", "\"/a/./b\"", "\"/.\"", "\"//a\"",
          "\"/a//\"", "\"/a?b\"", "\"/a#b\"", "\"/a\\\\b\"", "\"/a\\nb\"", "\"/a\\u007fb\"",
          "\"/{id}\"", "\"http://x/a\"", "5", "[\"/a\"]"}) {
        EXPECT_NE(path_verdict(bad), "") << bad;
    }
    EXPECT_NE(path_verdict('"' + std::string(1025, '/') + '"'), "");
}

TEST_F(Checks, APathTwiceNamesBothPlaces)
{
    write("b.json", R"({"cards": {"b": {"path": "/x", "sql": "select 1"}}})");
    EXPECT_EQ(
        findings_of(R"({"include": "b.json", "cards": {"a": {"path": "/x", "sql": "select 1"}}})"),
        "b.json:1:26: error: \"path\": \"/x\" is the path of card \"a\" too (main.json:1:39)\n");
}

TEST_F(Checks, SourcesMustExist)
{
    EXPECT_EQ(
        findings_of(R"({"sources": {"pg_main": {"kind": "csv", "path": "x"}},
 "cards": {"a": {"path": "/a", "sql": "select 1", "sources": ["pg_mian", "pg_main"]}}})"),
        "main.json:2:63: error: \"sources\": no source or card named \"pg_mian\"; did you mean "
        "\"pg_main\"?\n");
    EXPECT_EQ(card_verdict("\"sources\": []"), "");
}

TEST_F(Checks, Times)
{
    EXPECT_EQ(card_verdict("\"refresh\": \"100ms\""), "");
    EXPECT_EQ(card_verdict("\"refresh\": \"99ms\""),
              "main.json:2:12: error: \"refresh\" must be at least 100ms\n");
    EXPECT_EQ(card_verdict("\"timeout\": \"0s\", \"max_age\": \"0s\", \"stale\": \"0s\""),
              "main.json:2:12: error: \"timeout\" must be more than 0s\n"
              "main.json:2:29: error: \"max_age\" must be more than 0s\n");
    EXPECT_EQ(card_verdict("\"refresh\": \"30s\", \"max_age\": \"10s\""),
              "main.json:2:30: warning: \"max_age\" is less than the wait between two refreshes, "
              "30s: the card is "
              "stale in between\n");
    EXPECT_TRUE(diagnostics_.ok());
}

TEST_F(Checks, CronAndTimeZone)
{
    EXPECT_EQ(
        card_verdict(R"("refresh": {"cron": "0 0 30 2 *", "tz": "Europe/Berln"})"),
        "main.json:2:21: error: \"cron\": \"0 0 30 2 *\" is not a cron expression: that day never "
        "comes\n"
        "main.json:2:41: error: \"tz\": \"Europe/Berln\" is not an IANA time zone; did you mean "
        "\"Europe/Berlin\"?\n");
}

TEST_F(Checks, HeaderValuesHaveNoControlCharacters)
{
    EXPECT_EQ(card_verdict("\"cache_control\": \"no-store\""), "");
    EXPECT_EQ(card_verdict("\"cache_control\": \"a\\r\\nSet-Cookie: x\""),
              "main.json:2:18: error: \"cache_control\": \"a\xEF\xBF\xBD\xEF\xBF\xBDSet-Cookie: "
              "x\" has a control "
              "character\n");
}

TEST_F(Checks, StepsAreAskedWhatTheSchemaCannotSay)
{
    check_step_ = [](const Step& step) -> Result<void> {
        return step.number.at("points") < 10 ? Result<void>{} : Error{"not with these options"};
    };
    const std::string step = R"({"downsample": {"method": "every_nth", "points": )";
    EXPECT_EQ(card_verdict("\"steps\": [" + step + "9}}, " + step + "10}}]"),
              "main.json:2:66: error: not with these options\n");
    // What the schema has found fault with is not said twice, nor handed on.
    EXPECT_EQ(card_verdict(R"("steps": [{"downsample": {"method": "every_nth"}}])"),
              "main.json:2:12: error: missing key \"points\" in \"downsample\"\n");
}

TEST_F(Checks, TooLongAndTooLarge)
{
    EXPECT_EQ(card_verdict(R"("max_age": "11y")"),
              "main.json:2:12: error: \"max_age\": \"11y\" is not a duration such as \"500ms\", "
              "\"30s\", \"5m\", \"1h30m\" or \"1d\"\n");
    EXPECT_EQ(card_verdict(R"("max_age": "4000d")"),
              "main.json:2:12: error: \"max_age\": \"4000d\" is too long; at most ten years, "
              "3660d\n");
    EXPECT_EQ(findings_of(R"({"board": {"memory_limit": "99999999g"}})"), "");
    EXPECT_EQ(findings_of(R"({"board": {"memory_limit": "9999999t"}})"),
              "main.json:1:28: error: \"memory_limit\": \"9999999t\" is too large; at most "
              "4194304t\n");
}

TEST_F(Checks, Sockets)
{
    EXPECT_EQ(findings_of("{\"link\": {\"socket\": \"/" + std::string(107, 'x') + "\"}}"),
              "main.json:1:21: error: \"socket\": 108 bytes; a socket's path has at most 107\n");
    EXPECT_EQ(findings_of(R"({"link": {"socket": "/s"}, "control": {"socket": "/s"}})"),
              "main.json:1:50: error: link and control have the same socket\n");
    EXPECT_EQ(findings_of(R"({"link": {"socket": "/s"}, "api": {"socket": "/s"}})"),
              "main.json:1:46: error: link and api have the same socket\n");
    EXPECT_EQ(findings_of(R"({"control": {"socket": "/s"}, "api": {"socket": "/s"}})"),
              "main.json:1:49: error: control and api have the same socket\n");
}

TEST_F(Checks, ARunIsNamedByAnInteger)
{
    const auto findings = [this](const char* type) {
        return findings_of(R"({"cards": {"c": {"path": "/{id}", "params": {"id": ")" +
                           std::string{type} + R"("}, "sql": "select $id", "run": "id"}}})");
    };
    EXPECT_EQ(findings("integer"), "");
    EXPECT_NE(findings("string").find("\"run\": \"id\" is no integer among the card's \"params\""),
              std::string::npos);
}

TEST_F(Checks, RunsNeedAState)
{
    const std::string sources = R"("sources": {"s": {"kind": "dataset", "runs": true}})";
    EXPECT_EQ(findings_of("{" + sources + "}"),
              "main.json:1:39: error: runs need a place to be kept: set \"path\" or \"url\" of "
              "\"state\"\n");
    EXPECT_EQ(findings_of("{" + sources + R"(, "state": {"path": "/s"}})"), "");
    EXPECT_EQ(findings_of("{" + sources + R"(, "state": {"url": "postgresql:///x"}})"), "");
}

TEST_F(Checks, Rest)
{
    EXPECT_EQ(findings_of(R"({"board": {"memory_limit": "0"}, "engine": {"memory_limit": "0k"}})"),
              "main.json:1:28: error: \"memory_limit\" must be more than 0\n"
              "main.json:1:61: error: \"memory_limit\" must be more than 0\n");
    EXPECT_EQ(findings_of(R"({"engine": {"memory_limit": "1g", "process_memory_limit": "1g"}})"),
              "main.json:1:59: error: \"process_memory_limit\" must be at least 1280m: "
              "\"memory_limit\" and 256m beside it\n");
    EXPECT_EQ(findings_of(R"({"engine": {"memory_limit": "1g", "process_memory_limit": "1280m"}})"),
              "");
    EXPECT_EQ(findings_of(R"({"sources": {"s": {"kind": "csv", "path": "s3://b/x.csv"}}})"),
              "main.json:1:43: error: \"path\": \"s3://b/x.csv\" is a URL; only files of this "
              "machine are read\n");
    EXPECT_EQ(
        findings_of(
            R"({"sources": {"s": {"kind": "csv", "path": "x", "columns": {"a": "INT"}, "types": {"a": "INT"}}}})"),
        "main.json:1:73: warning: \"types\" has no effect: \"columns\" gives every type\n");
    EXPECT_EQ(findings_of(R"({"state": {"path": "/y"}})"), "");
    EXPECT_EQ(findings_of(R"({"identity": {"tokens": {"max_expiry": "30d"}}})"),
              "main.json:1:40: error: \"max_expiry\" is less than \"default_expiry\" (12w6d)\n");
    EXPECT_EQ(
        findings_of(R"({"identity": {"tokens": {"default_expiry": "30d", "max_expiry": "30d"}}})"),
        "");
    EXPECT_EQ(findings_of(R"({"identity": {"tokens": {"default_expiry": "0s"}}})"),
              "main.json:1:44: error: \"default_expiry\" must be more than 0\n");
}

}  // namespace
}  // namespace gatehouse::config
