#include "src/telemetry/sidecar_metrics.h"

#include <gtest/gtest.h>

namespace gatehouse::telemetry {
namespace {

constexpr Metric refreshes{"refreshes_total", MetricType::counter, "card,outcome", "Refreshes."};
constexpr Metric up{"up", MetricType::gauge, "", "Whether it is up."};

TEST(SidecarMetrics, AreALineForEachSeries)
{
    SidecarMetrics metrics;
    add_series(metrics, refreshes, {"a b", "failed"}, 3);
    add_series(metrics, up, {}, 0.25);
    EXPECT_EQ(sidecar_metrics_text(metrics), "refreshes_total\ta b\tfailed\t3\nup\t0.25\n");
    EXPECT_EQ(parse_sidecar_metrics("refreshes_total\ta b\tfailed\t3\nup\t0.25\n"), metrics);
}

TEST(SidecarMetrics, LeaveOutLabelsThatFitNoLine)
{
    SidecarMetrics metrics;
    add_series(metrics, refreshes, {"a\tb", "failed"}, 3);
    add_series(metrics, refreshes, {"a", "fai\nled"}, 3);
    EXPECT_EQ(sidecar_metrics_text(metrics), "");
}

TEST(SidecarMetrics, LeaveOutWhatIsNoLine)
{
    const SidecarMetrics good{{"a", {{{"b"}, 1}}}};
    EXPECT_EQ(parse_sidecar_metrics("a\tb\t1"), good);
    EXPECT_EQ(parse_sidecar_metrics("\n\na\tb\t1\nx\ty\nx\ty\tinf\nx\ty\tnan\nx\ty\t1z\nx\ty\t\n"
                                    "\ty\t1\nx\n"),
              good);
    EXPECT_EQ(parse_sidecar_metrics("a\tb\t1e999"), SidecarMetrics{});
    EXPECT_EQ(parse_sidecar_metrics(""), SidecarMetrics{});
}

TEST(SidecarMetrics, AreShownUnderTheirLabels)
{
    const auto metrics = parse_sidecar_metrics(
        "refreshes_total\tone\tfailed\t3000000\nrefreshes_total\tof another version\t9\nup\t1\n");
    Exposition out{ExpositionFormat::prometheus};
    expose(out, metrics, refreshes);
    expose(out, metrics, up);
    EXPECT_EQ(out.finish(),
              "# HELP refreshes_total Refreshes.\n# TYPE refreshes_total counter\n"
              "refreshes_total{card=\"one\",outcome=\"failed\"} 3000000\n"
              "# HELP up Whether it is up.\n# TYPE up gauge\nup 1\n");
}

TEST(SidecarMetrics, AreNotShownWhereThereAreNone)
{
    Exposition out{ExpositionFormat::prometheus};
    expose(out, {}, refreshes);
    EXPECT_EQ(out.finish(), "");
}

}  // namespace
}  // namespace gatehouse::telemetry
