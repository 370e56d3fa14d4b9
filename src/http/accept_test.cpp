#include "src/http/accept.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::http {
namespace {

constexpr FormatSet set_of(std::initializer_list<Format> formats)
{
    FormatSet set;
    for (const Format format : formats) {
        set.insert(format);
    }
    return set;
}

constexpr FormatSet all = set_of({Format::json, Format::columns, Format::csv, Format::ndjson});

std::string_view chosen(std::string_view field, FormatSet available = all)
{
    return name_of(choose_format(field, available));
}

constexpr std::string_view firefox_navigation =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

TEST(ChooseFormat, EachMediaType)
{
    EXPECT_EQ(chosen("application/json"), "json");
    EXPECT_EQ(chosen("application/vnd.gatehouse.columns+json"), "columns");
    EXPECT_EQ(chosen("text/csv"), "csv");
    EXPECT_EQ(chosen("application/x-ndjson"), "ndjson");
    EXPECT_EQ(chosen("application/ndjson"), "ndjson");
    EXPECT_EQ(chosen("application/jsonl"), "ndjson");
    EXPECT_EQ(chosen("Text/CSV"), "csv");
    EXPECT_EQ(chosen("text/csv; charset=utf-8; header=present"), "csv");
}

TEST(ChooseFormat, Wildcards)
{
    EXPECT_EQ(chosen(""), "json");
    EXPECT_EQ(chosen("*/*"), "json");
    EXPECT_EQ(chosen("application/*"), "json");
    EXPECT_EQ(chosen("APPLICATION/*;q=0.1"), "json");
    EXPECT_EQ(chosen("text/*"), "csv");
    EXPECT_EQ(chosen("text/*, */*;q=0.1"), "csv");
    EXPECT_EQ(chosen(firefox_navigation), "json");
    EXPECT_EQ(chosen("*"), "json");
}

TEST(ChooseFormat, WeightsDecide)
{
    EXPECT_EQ(chosen("application/json;q=0.5, text/csv;q=0.6"), "csv");
    EXPECT_EQ(chosen("text/csv;q=0.5, application/x-ndjson;q=0.501"), "ndjson");
    EXPECT_EQ(chosen("text/csv, application/json"), "json");
    EXPECT_EQ(chosen("application/x-ndjson, text/csv"), "csv");
    EXPECT_EQ(chosen("application/ndjson;q=0.2, application/jsonl;q=0.9, text/csv;q=0.5"),
              "ndjson");
}

TEST(ChooseFormat, TheMostSpecificRangeDecides)
{
    EXPECT_EQ(chosen("application/json;q=0.1, application/*;q=0.9"), "columns");
    EXPECT_EQ(chosen("application/json;q=0.1, */*"), "columns");
    EXPECT_EQ(chosen("*/*, application/*;q=0.1"), "csv");
    EXPECT_EQ(chosen("application/json;q=0, */*", set_of({Format::json, Format::csv})), "csv");
    EXPECT_EQ(chosen("text/csv, */*;q=0.9"), "csv");
}

TEST(ChooseFormat, NamedTwiceHasItsHighestWeight)
{
    EXPECT_EQ(chosen("text/csv;q=0.9, text/csv;q=0.1, application/json;q=0.5"), "csv");
    EXPECT_EQ(chosen("text/csv;q=0.1, text/csv;q=0.9, application/json;q=0.5"), "csv");
}

TEST(ChooseFormat, AWildcardNeedsTheWholeType)
{
    EXPECT_EQ(chosen("applicatio/*, applications/*, text/csv;q=0.5"), "csv");
}

TEST(ChooseFormat, NothingAcceptableIsTheFirstFormat)
{
    EXPECT_EQ(chosen("image/png"), "json");
    EXPECT_EQ(chosen("*/*;q=0"), "json");
    EXPECT_EQ(chosen("application/json;q=0"), "json");
    EXPECT_EQ(chosen("image/png", set_of({Format::ndjson, Format::csv})), "csv");
    EXPECT_EQ(chosen("", set_of({Format::ndjson})), "ndjson");
    EXPECT_EQ(chosen("text/csv", set_of({})), "json");
}

TEST(ChooseFormat, OnlyAvailableFormats)
{
    EXPECT_EQ(chosen("text/csv, application/json;q=0.1", set_of({Format::json})), "json");
    EXPECT_EQ(
        chosen("application/json, application/jsonl;q=0.1", set_of({Format::csv, Format::ndjson})),
        "ndjson");
}

TEST(ChooseFormat, MalformedMembersAreNotThere)
{
    EXPECT_EQ(chosen("text/csv;q=7, application/x-ndjson;q=0.1"), "ndjson");
    EXPECT_EQ(chosen("text/, /csv, text, /, /*, text/csv/x"), "json");
    EXPECT_EQ(chosen("*/csv"), "json");
    EXPECT_EQ(chosen("text/html;x=\"text/csv, */*"), "json");
    EXPECT_EQ(chosen("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"), "json");
}

TEST(PrefersHtml, OnlyWhenStrictly)
{
    EXPECT_TRUE(prefers_html(firefox_navigation));
    EXPECT_TRUE(prefers_html("text/html"));
    EXPECT_TRUE(prefers_html("text/*"));
    EXPECT_TRUE(prefers_html("text/html;q=0.2, */*;q=0.1"));
    EXPECT_TRUE(prefers_html("application/problem+json;q=0.5, application/json;q=0.4, text/html"));
    EXPECT_TRUE(prefers_html("text/html;level=1, application/json;q=0.9"));
}

TEST(PrefersHtml, NotOtherwise)
{
    EXPECT_FALSE(prefers_html(""));
    EXPECT_FALSE(prefers_html("*/*"));
    EXPECT_FALSE(prefers_html("application/json"));
    EXPECT_FALSE(prefers_html("application/json, text/plain, */*"));
    EXPECT_FALSE(prefers_html("text/html, application/json"));
    EXPECT_FALSE(prefers_html("text/html, */*"));
    EXPECT_FALSE(prefers_html("text/html;q=0.9, application/problem+json"));
    EXPECT_FALSE(prefers_html("text/html;q=0, application/json;q=0"));
    EXPECT_FALSE(prefers_html("image/png"));
}

TEST(ChooseType, TheHighestWeightAndTheFirstOnATie)
{
    constexpr std::string_view types[] = {"text/plain", "application/openmetrics-text",
                                          "application/json"};
    const auto choose = [&](std::string_view accept) { return choose_type(accept, types); };
    EXPECT_EQ(choose(""), 0u);
    EXPECT_EQ(choose("*/*"), 0u);
    EXPECT_EQ(choose("image/png"), 0u);
    EXPECT_EQ(choose("application/openmetrics-text;q=0.5"), 1u);
    EXPECT_EQ(choose("application/openmetrics-text;version=1.0.0;q=0.75,"
                     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
              1u);
    EXPECT_EQ(choose("text/plain;q=0.9, application/openmetrics-text;q=0.8"), 0u);
    EXPECT_EQ(choose("application/json, text/*;q=0.9"), 2u);
    EXPECT_EQ(choose("text/plain;q=0, */*"), 1u);
    EXPECT_EQ(choose("application/openmetrics-text;q=0"), 0u);
}

}  // namespace
}  // namespace gatehouse::http
