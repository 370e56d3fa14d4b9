#include "src/telemetry/own_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gatehouse::telemetry {
namespace {

OwnMetrics example()
{
    return {
        {{"projects", MetricType::gauge, "status,owner", "How many, by\\status.\nAll of them."},
         {"rows_total", MetricType::counter, "", "Rows."}},
        {{"projects", {{{"a\tb", "\"x\"\n\\t"}, 3}, {{"", ""}, 0.5}}}, {"rows_total", {{{}, 7}}}}};
}

TEST(OwnMetrics, ComeThroughAText)
{
    const auto text = own_metrics_text(example());
    EXPECT_EQ(text,
              "projects\tgauge\tstatus,owner\tHow many, by\\\\status.\\nAll of them.\n"
              "rows_total\tcounter\t\tRows.\n\n"
              "projects\t\t\t0.5\nprojects\ta\\tb\t\"x\"\\n\\\\t\t3\nrows_total\t7\n");
    EXPECT_EQ(parse_own_metrics(text), example());
}

TEST(OwnMetrics, WhatIsNoLineIsLeftOut)
{
    const auto own = parse_own_metrics("a\tsummary\t\tx\nb\tgauge\t\tB\n\tgauge\t\tC\n\nb\t1\nb\n");
    EXPECT_EQ(own, (OwnMetrics{{{"b", MetricType::gauge, "", "B"}}, {{"b", {{{}, 1}}}}}));
    EXPECT_EQ(parse_own_metrics(""), OwnMetrics{});
    EXPECT_EQ(parse_own_metrics("\n"), OwnMetrics{});
}

TEST(OwnMetrics, AreEscapedAsPrometheusWantsIt)
{
    Exposition out{ExpositionFormat::prometheus};
    expose(out, example());
    // By the text format's own rules: in help "\\" and "\n", in labels "\"" as well.
    EXPECT_EQ(out.finish(),
              "# HELP projects How many, by\\\\status.\\nAll of them.\n# TYPE projects gauge\n"
              "projects{status=\"\",owner=\"\"} 0.5\n"
              "projects{status=\"a?b\",owner=\"\\\"x\\\"\\n\\\\t\"} 3\n"
              "# HELP rows_total Rows.\n# TYPE rows_total counter\nrows_total 7\n");
}

TEST(OwnMetrics, AbsentIsNaNAndNotZero)
{
    const OwnMetrics own{{{"a", MetricType::gauge, "of", "A."}},
                         {{"a",
                           {{{"nothing"}, std::nan("")},
                            {{"none"}, 0},
                            {{"all"}, std::numeric_limits<double>::infinity()},
                            {{"less"}, -std::numeric_limits<double>::infinity()}}}}};
    const auto again = parse_own_metrics(own_metrics_text(own));
    Exposition text{ExpositionFormat::openmetrics}, json{ExpositionFormat::json};
    expose(text, again);
    expose(json, again);
    EXPECT_EQ(text.finish(),
              "# HELP a A.\n# TYPE a gauge\na{of=\"all\"} +Inf\na{of=\"less\"} -Inf\n"
              "a{of=\"none\"} 0\na{of=\"nothing\"} NaN\n# EOF\n");
    EXPECT_NE(json.finish().find(R"("a{of=nothing}":null)"), std::string::npos);
}

TEST(OwnMetrics, AGaugeKeepsItsName)
{
    EXPECT_EQ(family_of("rows_total", MetricType::counter), "rows");
    EXPECT_EQ(family_of("rows_total", MetricType::gauge), "rows_total");
}

}  // namespace
}  // namespace gatehouse::telemetry
