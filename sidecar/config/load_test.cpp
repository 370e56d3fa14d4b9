#include <gtest/gtest.h>

#include "sidecar/config/test_files.h"

namespace gatehouse::config {
namespace {

using namespace std::chrono_literals;

class Load : public ::testing::Test, protected TestFiles {};

TEST_F(Load, AnEmptyDocumentIsAllDefaults)
{
    const auto config = load_text("{}");
    ASSERT_TRUE(config) << findings();
    EXPECT_EQ(config->file, path("main.json"));
    EXPECT_EQ(config->link.socket, "/run/gatehouse/link.sock");
    EXPECT_EQ(config->link.mode, 0660u);
    EXPECT_EQ(config->control.mode, 0600u);
    EXPECT_EQ(config->api.socket, "/run/gatehouse/api.sock");
    EXPECT_EQ(config->api.mode, 0660u);
    EXPECT_EQ(config->board.memory_limit, 256u << 20);
    EXPECT_EQ(config->engine.workers, 2u);
    EXPECT_TRUE(config->cards.empty());
}

TEST_F(Load, EverySection)
{
    const auto config = load_text(R"({
      "link": {"socket": "run/link", "mode": "0600", "group": "g", "users": ["a", "b"]},
      "control": {"socket": "/c", "mode": "660"},
      "board": {"file": "off", "memory_limit": "1m"},
      "engine": {"memory_limit": "2g", "threads": 4, "workers": 3, "temp_directory": "spill"},
      "log": {"format": "text", "level": "debug"}})");
    ASSERT_TRUE(config) << findings();
    EXPECT_EQ(config->link.socket, path("run/link"));
    EXPECT_EQ(config->link.mode, 0600u);
    EXPECT_EQ(config->link.group, "g");
    EXPECT_EQ(config->link.users, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(config->control.mode, 0660u);
    EXPECT_EQ(config->board.file, "");
    EXPECT_EQ(config->board.memory_limit, 1u << 20);
    EXPECT_EQ(config->engine.memory_limit, 2ull << 30);
    EXPECT_EQ(config->engine.threads, 4u);
    EXPECT_EQ(config->engine.temp_directory, path("spill"));
    EXPECT_EQ(config->log.level, "debug");
}

TEST_F(Load, Sources)
{
    const auto config = load_text(R"({"sources": {
      "a": {"kind": "csv", "path": ["x.csv", "/abs/*.csv"], "watch": false, "delimiter": ";", "quote": "",
            "header": true, "skip": 2, "null": "NA", "columns": {"z": "BIGINT", "a": "DOUBLE"}},
      "b": {"kind": "parquet", "path": "b.parquet", "filename": true},
      "c": {"kind": "json", "path": "c.json", "format": "array"}}})");
    ASSERT_TRUE(config) << findings();
    const Source& a = config->sources.at("a");
    EXPECT_EQ(a.paths, (std::vector<std::string>{path("x.csv"), "/abs/*.csv"}));
    EXPECT_FALSE(a.watch);
    EXPECT_EQ(a.csv.delimiter, ";");
    EXPECT_EQ(a.csv.quote, "");
    EXPECT_EQ(a.csv.escape, std::nullopt);
    EXPECT_EQ(a.csv.header, true);
    EXPECT_EQ(a.csv.skip, 2u);
    EXPECT_EQ(a.csv.null_strings, std::vector<std::string>{"NA"});
    ASSERT_EQ(a.columns.size(), 2u);
    EXPECT_EQ(a.columns[0], (std::pair<std::string, std::string>{"z", "BIGINT"}));
    EXPECT_EQ(config->sources.at("b").filename, true);
    EXPECT_EQ(config->sources.at("c").json_format, "array");
}

TEST_F(Load, ACardsDefaults)
{
    const auto config = load_text(R"({
      "sources": {"stats": {"kind": "csv", "path": "x"}, "other": {"kind": "csv", "path": "y"}},
      "cards": {"a": {"path": "/a", "sql": "select 'other' from Stats"}}})");
    ASSERT_TRUE(config) << findings();
    const Card& a = config->cards.at("a");
    EXPECT_EQ(a.sources, std::vector<std::string>{"stats"});
    EXPECT_EQ(a.formats.size(), 4u);
    EXPECT_TRUE(std::holds_alternative<OnChange>(a.refresh));
    EXPECT_EQ(a.max_age, 60s);
    EXPECT_EQ(a.timeout, 60s);
    EXPECT_EQ(a.cache_control, "public, max-age=60");
    EXPECT_EQ(a.origin, path("main.json") + ":3");
}

TEST_F(Load, ACardsKeys)
{
    const auto config =
        load_text(R"({"cards": {"a": {"path": "/a", "sql": "select 1", "sources": [],
      "steps": [{"downsample": {"points": 500, "method": "every_nth"}}], "shape": "series",
      "formats": ["csv"], "refresh": {"cron": "@daily", "tz": "Europe/Berlin"}, "max_age": "2d",
      "stale": "1h", "timeout": "5s", "max_rows": 10, "require": ["read"], "compress": false}}})");
    ASSERT_TRUE(config) << findings();
    const Card& a = config->cards.at("a");
    ASSERT_EQ(a.steps.size(), 1u);
    EXPECT_EQ(a.steps[0].name, "downsample");
    EXPECT_EQ(a.steps[0].number.at("points"), 500);
    EXPECT_EQ(a.steps[0].text.at("method"), "every_nth");
    EXPECT_EQ(a.shape, Shape::series);
    EXPECT_EQ(std::get<Cron>(a.refresh).tz, "Europe/Berlin");
    EXPECT_EQ(a.max_age, 48h);
    EXPECT_EQ(a.stale, 1h);
    EXPECT_EQ(a.max_rows, 10u);
    EXPECT_EQ(a.cache_control, "private, max-age=172800, stale-if-error=3600");
    EXPECT_FALSE(a.compress);
}

TEST_F(Load, MaxAgeFollowsTheRefresh)
{
    const auto config = load_text(R"({"cards": {
      "short": {"path": "/a", "sql": "select 1", "refresh": "10s"},
      "long":  {"path": "/b", "sql": "select 1", "refresh": "5m"},
      "cron":  {"path": "/c", "sql": "select 1", "refresh": {"cron": "0 3 * * mon-fri"}},
      "own":   {"path": "/d", "sql": "select 1", "refresh": "5m", "cache_control": "no-store"}}})");
    ASSERT_TRUE(config) << findings();
    EXPECT_EQ(config->cards.at("short").max_age, 60s);
    EXPECT_EQ(config->cards.at("long").max_age, 10min);
    EXPECT_EQ(config->cards.at("cron").max_age, 144h);
    EXPECT_EQ(config->cards.at("own").cache_control, "no-store");
}

TEST_F(Load, AChecksIntervalFollowsItsSeverity)
{
    const auto config = load_text(R"({"checks": {
      "plain": {"kind": "memory"},
      "info": {"kind": "memory", "severity": "info"},
      "critical": {"kind": "memory", "severity": "critical"},
      "set": {"kind": "memory", "severity": "critical", "interval": "30s"},
      "often": {"kind": "memory", "interval": "2s"}}})");
    ASSERT_TRUE(config) << findings();
    EXPECT_EQ(config->checks.at("plain").severity, "degrading");
    EXPECT_EQ(config->checks.at("plain").interval, 60s);
    EXPECT_EQ(config->checks.at("info").interval, 60s);
    EXPECT_EQ(config->checks.at("critical").interval, 10s);
    EXPECT_EQ(config->checks.at("set").interval, 30s);
    EXPECT_EQ(config->checks.at("often").interval, 2s);
}

TEST_F(Load, PathsAreRelativeToThePrefix)
{
    write("main.json", R"({"sources": {"a": {"kind": "csv", "path": "x.csv"}}})");
    LoadOptions options;
    options.prefix = "/srv/data/";
    const auto config = load(path("main.json"), options, diagnostics_);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->sources.at("a").paths.at(0), "/srv/data/x.csv");
}

TEST_F(Load, EverythingIsReportedAtOnce)
{
    EXPECT_EQ(findings_of(R"({
  "engine": {"thread": 2, "threads": "x"},
  "sources": {"s": {"kind": "cvs", "path": "x"}},
  "cards": {
    "a": {"path": "/x", "sql": "", "sources": ["t"]},
    "b": {"path": "/x", "sql": "select 1", "refresh": "10"}
  },
  "nonsense": {}
})"),
              R"(main.json:2:14: error: unknown key "thread"; did you mean "threads"?
main.json:2:38: error: "threads": expected an integer, got "x"
main.json:3:29: error: "kind": "cvs" is not one of "csv", "parquet", "json", "http", "sqlite", "postgres", "dataset", "caches", "history"; did you mean "csv"?
main.json:5:32: error: "sql" must not be empty
main.json:5:48: error: "sources": no source or card named "t"
main.json:6:19: error: "path": "/x" is the path of card "a" too (main.json:5:11)
main.json:6:55: error: "refresh": expected "on_change", "on_demand", a duration such as "30s", or {"cron": "0 3 * * *", "tz": "Europe/Berlin"}, got "10"
main.json:8:3: error: unknown key "nonsense"
)");
}

TEST_F(Load, FilesThatCannotBeRead)
{
    EXPECT_FALSE(load_file("none.json"));
    EXPECT_EQ(findings(),
              "none.json: error: cannot read \"none.json\": No such file or directory\n");
    std::filesystem::create_directory(path("directory"));
    EXPECT_FALSE(load_file("directory"));
    EXPECT_EQ(findings(), "directory: error: cannot read \"directory\": is a directory\n");
    write("empty.json", "");
    EXPECT_FALSE(load_file("empty.json"));
    EXPECT_EQ(findings(), "empty.json:1:1: error: the file is empty; the least is {}\n");
    write("large.json", std::string((16u << 20) + 1, ' '));
    EXPECT_FALSE(load_file("large.json"));
    EXPECT_EQ(findings(), "large.json: error: cannot read \"large.json\": larger than 16m\n");
}

TEST_F(Load, DocumentsThatAreNoObject)
{
    for (const char* text : {"[]", "1", "\"x\"", "null", "[{}]"}) {
        EXPECT_FALSE(load_text(text)) << text;
    }
    EXPECT_EQ(findings_of("null"),
              "main.json:1:1: error: the document: expected an object, got null\n");
}

TEST_F(Load, ASecretIsNotShownInTheLineOfAFinding)
{
    load_text("{\"state\": {\"ulr\": 1, \"url\": \"postgresql://u:hünter@h\", \"x\": 1}}");
    ASSERT_EQ(diagnostics_.list.size(), 2u);
    const std::string shown = print(diagnostics_, false);
    EXPECT_EQ(shown.find("nter"), std::string::npos) << shown;
    EXPECT_NE(shown.find("\"url\": \"•••••••••••••••••••••••\", \"x\""), std::string::npos)
        << shown;
}

TEST_F(Load, AFloodOfMistakesIsCut)
{
    std::string text = "{";
    for (int i = 0; i < 100'000; ++i) {
        text += "\"key" + std::to_string(i) + "\": 1,";
    }
    EXPECT_FALSE(load_text(text + "}"));
    EXPECT_EQ(diagnostics_.list.size(), Diagnostics::max_kept);
}

}  // namespace
}  // namespace gatehouse::config
