#include "src/telemetry/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jansson.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "src/telemetry/http_labels.h"
#include "src/telemetry/test_region.h"

namespace gatehouse::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Metric counter{"some_total", MetricType::counter, "a", "Some things."};
constexpr Metric gauge{"now", MetricType::gauge, "", "Now."};
constexpr Metric histogram{"took_seconds", MetricType::histogram, "a", "Time."};

std::string label(std::string_view value, ExpositionFormat format = ExpositionFormat::prometheus)
{
    Exposition out{format};
    out.begin(counter);
    out.sample({{"a", value}}, std::uint64_t{1});
    return out.finish();
}

TEST(Exposition, FamiliesOfPrometheusText)
{
    Exposition out{ExpositionFormat::prometheus};
    out.begin(counter);
    out.sample({{"a", "x"}, {"b", "y"}}, std::uint64_t{18'446'744'073'709'551'615u});
    out.begin(histogram);  // without samples: leaves nothing
    out.begin(gauge);
    out.sample({}, std::int64_t{-5});
    out.sample({}, 0.25);
    EXPECT_EQ(out.finish(),
              "# HELP some_total Some things.\n# TYPE some_total counter\n"
              "some_total{a=\"x\",b=\"y\"} 18446744073709551615\n"
              "# HELP now Now.\n# TYPE now gauge\nnow -5\nnow 0.25\n");
}

TEST(Exposition, FamiliesOfOpenMetrics)
{
    EXPECT_EQ(label("x", ExpositionFormat::openmetrics),
              "# HELP some Some things.\n# TYPE some counter\nsome_total{a=\"x\"} 1\n# EOF\n");
    EXPECT_EQ(Exposition{ExpositionFormat::openmetrics}.finish(), "# EOF\n");
}

// The text formats know three escapes: \\, \" and \n.
TEST(Exposition, LabelsAreEscapedAndValidUtf8)
{
    EXPECT_THAT(label("a\"b"), HasSubstr(R"({a="a\"b"})"));
    EXPECT_THAT(label("a\\b"), HasSubstr(R"({a="a\\b"})"));
    EXPECT_THAT(label("a\nb"), HasSubstr(R"({a="a\nb"})"));
    EXPECT_THAT(label("a\tb\x01z"), HasSubstr(R"({a="a?b?z"})"));
    EXPECT_THAT(label("\\n"), HasSubstr(R"({a="\\n"})"));
    EXPECT_THAT(label("\xffz"), HasSubstr("{a=\"\xEF\xBF\xBDz\"}"));
    EXPECT_THAT(label("größe"), HasSubstr("{a=\"größe\"}"));
}

TEST(Exposition, HistogramsAreCumulativeAndLoseNoNanosecond)
{
    HistogramTotal total;
    total.buckets[0] = 2;
    total.buckets[3] = 1;
    total.buckets[bucket_count - 1] = 4;
    total.sum_ns = 3'000'000'007;
    Exposition out{ExpositionFormat::prometheus};
    out.begin(histogram);
    out.sample({{"a", "x"}}, total);
    const auto text = out.finish();
    EXPECT_THAT(text, HasSubstr("took_seconds_bucket{a=\"x\",le=\"0.0001\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("took_seconds_bucket{a=\"x\",le=\"0.001\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("took_seconds_bucket{a=\"x\",le=\"60\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("took_seconds_bucket{a=\"x\",le=\"+Inf\"} 7\n"
                                "took_seconds_sum{a=\"x\"} 3.000000007\n"
                                "took_seconds_count{a=\"x\"} 7\n"));
}

TEST_F(RegionTest, IsExposedAsValidJson)
{
    const auto endpoint = *region.intern(NameKind::endpoint, "/\"\\\x01");
    add(region.open_column(0).counters[series(Family::http_requests, endpoint, 200, 1)], 3);
    observe(region.open_column(0).histograms[endpoint], 5);
    Exposition out{ExpositionFormat::json};
    expose_region(out, reader());
    const auto text = out.finish();
    auto* root = json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr);
    ASSERT_NE(root, nullptr) << text;
    const auto* requests =
        json_object_get(json_object_get(root, "counters"),
                        "http_requests_total{method=GET,endpoint=/\"\\\x01,status=200}");
    EXPECT_EQ(json_integer_value(requests), 3);
    json_decref(root);
    EXPECT_EQ(Exposition{ExpositionFormat::json}.finish(),
              "{\n\"counters\":{\n},\n\"gauges\":{\n},\n\"histograms\":{\n}\n}\n");
}

// Two columns; the figures by hand.
TEST_F(RegionTest, JsonHasExtremesAndFigures)
{
    const auto tab = *region.intern(NameKind::endpoint, "render_tab");
    const auto never = *region.intern(NameKind::endpoint, "never");
    const auto card = *region.intern(NameKind::card, "c");
    auto& one = region.open_column(0);
    auto& two = region.open_column(1);
    observe(one.histograms[tab], 12'000'000);
    observe(one.histograms[tab], 456'000'000);
    observe(two.histograms[tab], 132'000'000);
    (void)never;
    add(one.counters[series(Family::http_requests, tab, 200, 1)], 3);
    add(two.counters[series(Family::http_requests, tab, 503, 1)], 1);
    const auto result = [](CardResult each) { return static_cast<std::uint16_t>(each); };
    add(one.counters[series(Family::card_served, card, 0, result(CardResult::hit))], 40);
    add(two.counters[series(Family::card_served, card, 0, result(CardResult::not_modified))], 2);
    add(two.counters[series(Family::card_served, card, 0, result(CardResult::miss))], 14);
    Exposition out{ExpositionFormat::json, {"callback_duration_seconds", "callback"}};
    expose_region(out, reader());
    const auto text = out.finish();
    EXPECT_THAT(text, HasSubstr("\"callback_duration_seconds{callback=render_tab}\":{\"count\":3,"
                                "\"sum\":0.600000000,\"min\":0.012000000,\"max\":0.456000000,"
                                "\"avg\":0.200000000}"));
    EXPECT_THAT(text, HasSubstr("\"callback_duration_seconds{callback=never}\":{\"count\":0,"
                                "\"sum\":0.000000000,\"min\":null,\"max\":null,\"avg\":null}"));
    EXPECT_THAT(text, HasSubstr("\"cache_hits\":42,\n\"cache_misses\":14"));
    EXPECT_THAT(text, HasSubstr("\"cache_hit_rate\":0.75"));
    EXPECT_THAT(text, HasSubstr("\"response_time_avg\":0.2"));
    EXPECT_THAT(text, HasSubstr("\"error_rate\":0.25"));
    EXPECT_THAT(text, HasSubstr("\"active_connections\":0"));
}

TEST_F(RegionTest, FiguresOfNothingAreNull)
{
    Exposition out{ExpositionFormat::json};
    expose_region(out, reader());
    const auto text = out.finish();
    for (const char* name : {"cache_hit_rate", "response_time_avg", "error_rate"}) {
        EXPECT_THAT(text, HasSubstr('"' + std::string{name} + "\":null"));
    }
}

TEST_F(RegionTest, WhatHasNoNameIsShownOnceItHasCounted)
{
    const auto index = series(Family::http_requests, 0, other_status, other_method);
    const auto text = [&] {
        Exposition out{ExpositionFormat::prometheus};
        expose_region(out, reader());
        return out.finish();
    };
    EXPECT_THAT(text(), Not(HasSubstr("http_requests_total{")));
    add(region.open_column(0).counters[index], 1);
    EXPECT_THAT(
        text(),
        HasSubstr(R"(http_requests_total{method="other",endpoint="other",status="other"} 1)"));
}

/// "| `name` | type | `label`, `label` | meaning |" as one line each.
std::vector<std::string> documented()
{
    std::ifstream document{"docs/metrics.md"};
    std::vector<std::string> rows;
    bool found = false;
    for (std::string line; std::getline(document, line);) {
        found = found || line == "<!-- metrics -->";
        if (found && line.starts_with("| `")) {
            rows.push_back(line);
        } else if (found && line.empty()) {
            break;
        }
    }
    return rows;
}

TEST(MetricsDocument, HasARowForEachMetricInItsOrder)
{
    std::vector<std::string> rows;
    for (const auto* metric : all_metrics) {
        constexpr const char* types[] = {"counter", "gauge", "histogram"};
        auto labels =
            std::regex_replace(std::string{metric->labels}, std::regex{"([a-z_]+)"}, "`$1`");
        labels = std::regex_replace(labels, std::regex{","}, ", ");
        rows.push_back(
            "| `" + std::string{metric->name} + "` | " + types[static_cast<int>(metric->type)] +
            " | " + (labels.empty() ? "" : labels + " ") + "| " + std::string{metric->help} + " |");
    }
    EXPECT_EQ(documented(), rows);
}

}  // namespace
}  // namespace gatehouse::telemetry
