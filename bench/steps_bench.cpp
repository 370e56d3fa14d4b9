// What choosing the points of a plot costs: see bench/steps.py.
//
//   steps_bench [--benchmark_…]    nanoseconds for POINTS points
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "sidecar/steps/choose_rows.h"
#include "sidecar/steps/extremes.h"
#include "sidecar/steps/lttb.h"

namespace {

using namespace gatehouse::steps;

constexpr std::size_t points = 10'000'000;
constexpr std::uint64_t kept = 1000;

/// A random walk, as a sensor's reading, over times that are not equally far apart.
struct Scene {
    Scene() : x(points), y(points)
    {
        std::mt19937_64 random{1};
        double time = 0, value = 0;
        for (std::size_t i = 0; i < points; ++i) {
            time += 1 + std::ldexp(static_cast<double>(random() >> 11), -53);
            value += std::ldexp(static_cast<double>(random() >> 11), -53) - 0.5;
            x[i] = time;
            y[i] = value;
        }
    }

    std::vector<double> x, y;
};

const Scene& scene()
{
    static const Scene made;
    return made;
}

void lttb_of_points(benchmark::State& state)
{
    for (auto _ : state) {
        benchmark::DoNotOptimize(lttb({scene().x, scene().y}, kept));
    }
}

void lttb_of_rows(benchmark::State& state)
{
    for (auto _ : state) {
        benchmark::DoNotOptimize(lttb({{}, scene().y}, kept));
    }
}

void minmaxlttb_of_points(benchmark::State& state)
{
    for (auto _ : state) {
        benchmark::DoNotOptimize(minmax_lttb({scene().x, scene().y}, kept));
    }
}

void chosen(benchmark::State& state, Method method)
{
    const PlotData data{scene().x, {scene().y}};
    for (auto _ : state) {
        benchmark::DoNotOptimize(choose_rows(method, data, kept));
    }
}

}  // namespace

BENCHMARK(lttb_of_points)->Unit(benchmark::kMillisecond);
BENCHMARK(lttb_of_rows)->Unit(benchmark::kMillisecond);
BENCHMARK(minmaxlttb_of_points)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(chosen, minmax, Method::minmax)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(chosen, m4, Method::m4)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(chosen, lttb, Method::lttb)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(chosen, minmaxlttb, Method::minmaxlttb)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
