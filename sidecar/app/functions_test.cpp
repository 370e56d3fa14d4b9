// What sidecar/engine knows of DuckDB's functions, beside what DuckDB says of them.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "sidecar/app/compute_card.h"
#include "sidecar/engine/forbidden.h"
#include "sidecar/engine/timeless.h"

namespace gatehouse::app {
namespace {

TEST(Timeless, WhatNamesTimeOrChanceIsNot)
{
    EXPECT_TRUE(
        engine::is_timeless("select a, sum(b) from s where at > '2024-01-01' group by a -- now()"));
    EXPECT_TRUE(engine::is_timeless("select 'now()' as text, $today from s"));
    EXPECT_FALSE(engine::is_timeless("select NOW() from s"));
    EXPECT_FALSE(engine::is_timeless("select * from s where at > current_date - 7"));
    EXPECT_FALSE(engine::is_timeless("select \"random\"() from s"));
    EXPECT_FALSE(engine::is_timeless("select \"NOW\"() from s"));
    EXPECT_FALSE(engine::is_timeless("select * from s using sample 10%"));
    EXPECT_FALSE(engine::is_timeless("select age(born) from s"));
    EXPECT_FALSE(engine::is_timeless("select * from duckdb_settings()"));
}

TEST(Timeless, ColumnsAndSourcesMayBeCalledLikeFunctions)
{
    EXPECT_TRUE(engine::is_timeless("select age, error, sample, now from stats where query = 'a'"));
    EXPECT_TRUE(engine::is_timeless("select current_price from s"));
    EXPECT_FALSE(engine::is_timeless("select age /* of */ (born) from s"));
    EXPECT_FALSE(engine::is_timeless("select 1 -- one\r, now()"));
}

/// What DuckDB says of its functions: one text a row.
std::vector<std::string> texts_of_duckdb(const std::string& sql)
{
    config::Config config;
    config.engine.memory_limit = 256u << 20;
    config::Card card;
    card.name = "functions";
    card.formats = {"csv"};
    card.compress = false;
    card.sql = sql;
    const auto executors = open_executors(config);
    const auto computed = executors ? compute_card(*executors, config, card, {}).result
                                    : Result<ComputedCard>{executors.error()};
    if (!computed) {
        ADD_FAILURE() << computed.error().message;
        return {};
    }
    std::istringstream lines{computed->representations.at(0).body};
    std::vector<std::string> texts;
    for (std::string line; std::getline(lines, line);) {
        line.resize(line.ends_with('\r') ? line.size() - 1 : line.size());
        texts.push_back(line);
    }
    texts.erase(texts.begin());  // the header
    return texts;
}

TEST(Timeless, KnowsEveryFunctionThatDuckDbCallsInconsistent)
{
    const auto names = texts_of_duckdb(
        "select distinct function_name as name from duckdb_functions() "
        "where stability <> 'CONSISTENT' order by name");
    ASSERT_GT(names.size(), 20u);
    for (const auto& name : names) {
        if (!engine::forbidden_function(name + "()").empty()) {
            continue;
        }
        EXPECT_FALSE(engine::is_timeless("select " + name + "()")) << name;
    }
}

TEST(Timeless, KnowsEveryMacroOverOneOfThem)
{
    // Of one line: a definition has no other line ends.
    const auto macros = texts_of_duckdb(
        "select distinct function_name || '=' || replace(macro_definition, '\"', '') as text "
        "from duckdb_functions() where function_type in ('macro', 'table_macro') "
        "and macro_definition is not null order by text");
    ASSERT_GT(macros.size(), 50u);
    for (const auto& line : macros) {
        const auto text = line.starts_with('"') ? line.substr(1) : line;
        const auto equals = text.find('=');
        const auto name = text.substr(0, equals);
        const bool aggregate_too = name == "histogram";  // which is far more often meant
        if (!aggregate_too && !engine::is_timeless("select " + text.substr(equals + 1))) {
            EXPECT_FALSE(engine::is_timeless("select " + name + "()")) << text;
        }
    }
}

// DuckDB has no table function that is not known to yield rows and no more.
TEST(Forbidden, KnowsEveryTableFunction)
{
    const std::set<std::string> harmless{"check_peg_parser",
                                         "generate_series",
                                         "glob",
                                         "icu_calendar_names",
                                         "json_each",
                                         "json_tree",
                                         "parquet_bloom_probe",
                                         "parquet_file_metadata",
                                         "parquet_kv_metadata",
                                         "parquet_metadata",
                                         "parquet_scan",
                                         "parquet_schema",
                                         "pg_timezone_names",
                                         "query_table",
                                         "range",
                                         "read_blob",
                                         "read_csv",
                                         "read_csv_auto",
                                         "read_json",
                                         "read_json_auto",
                                         "read_json_objects",
                                         "read_json_objects_auto",
                                         "read_ndjson",
                                         "read_ndjson_auto",
                                         "read_ndjson_objects",
                                         "read_parquet",
                                         "read_text",
                                         "repeat",
                                         "repeat_row",
                                         "seq_scan",
                                         "sniff_csv",
                                         "sql_auto_complete",
                                         "summary",
                                         "test_all_types",
                                         "test_vector_types",
                                         "unnest",
                                         "which_secret",
                                         "gatehouse_rows"};
    const auto names = texts_of_duckdb(
        "select distinct function_name as name from duckdb_functions() "
        "where function_type = 'table' order by name");
    ASSERT_GT(names.size(), 50u);
    for (const auto& name : names) {
        const bool tells = name.starts_with("duckdb_") || name.starts_with("pragma_");
        EXPECT_TRUE(tells || harmless.contains(name) ||
                    engine::forbidden_function("from " + name + "()") == name)
            << name;
    }
}

TEST(Forbidden, IsWhatIsCalledHoweverItIsWritten)
{
    EXPECT_EQ(engine::forbidden_function("from enable_logging()"), "enable_logging");
    EXPECT_EQ(engine::forbidden_function("from system.main.\"Enable_Logging\" /* */ ()"),
              "enable_logging");
    EXPECT_EQ(engine::forbidden_function("select write_log('x')"), "write_log");
    EXPECT_EQ(engine::forbidden_function("from query('select 1')"), "query");
    EXPECT_EQ(engine::forbidden_function("select query, 'enable_logging()' from s"), "");
}

}  // namespace
}  // namespace gatehouse::app
