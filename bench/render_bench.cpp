// What JSON of a numeric table costs on one core: see bench/render.py.
//
//   render_bench [--benchmark_…]    bytes of JSON a second
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/render/render.h"

namespace {

using namespace gatehouse;
using sidecar::Column;
using sidecar::Table;
using sidecar::Type;
using sidecar::TypeId;
using sidecar::Vector;

constexpr std::size_t columns = 14;
constexpr std::uint64_t unlimited = std::uint64_t{1} << 40;

template <class Cell>
Vector vector_of(const std::vector<Cell>& cells)
{
    Vector vector;
    const auto* first = reinterpret_cast<const std::byte*>(cells.data());
    vector.data.assign(first, first + cells.size() * sizeof(Cell));
    return vector;
}

/// A table of `rows` by 14 cells that `draw` makes.
template <class Draw>
Table table_of(std::uint64_t rows, TypeId type, Draw draw)
{
    std::mt19937_64 random{7};
    std::vector<Column> heads;
    std::vector<Vector> vectors;
    for (std::size_t column = 0; column < columns; ++column) {
        std::vector<decltype(draw(random))> cells(rows);
        for (auto& cell : cells) {
            cell = draw(random);
        }
        heads.push_back({"column_" + std::to_string(column), Type{.id = type}});
        vectors.push_back(vector_of(cells));
    }
    return Table(std::move(heads), std::move(vectors), rows);
}

double normal(std::mt19937_64& random)
{
    return std::normal_distribution<double>{0, 100}(random);
}

double rounded(std::mt19937_64& random, double unit)
{
    return std::round(normal(random) * unit) / unit;
}

Table numbers(std::uint64_t rows, const std::string& kind)
{
    if (kind == "integers") {
        return table_of(rows, TypeId::int64, [](auto& random) {
            return static_cast<std::int64_t>(random() >> (40 + random() % 24));
        });
    }
    if (kind == "2_decimals") {
        return table_of(rows, TypeId::float64, [](auto& random) { return rounded(random, 1e2); });
    }
    if (kind == "6_decimals") {
        return table_of(rows, TypeId::float64, [](auto& random) { return rounded(random, 1e6); });
    }
    return table_of(rows, TypeId::float64, normal);
}

void render_json(benchmark::State& state, const std::string& kind, config::Shape shape)
{
    const Table table = numbers(static_cast<std::uint64_t>(state.range(0)), kind);
    std::int64_t bytes = 0;
    for (auto _ : state) {
        const auto body = render::render(table, Format::json, shape, unlimited);
        bytes += static_cast<std::int64_t>(body->size());
        benchmark::DoNotOptimize(body->data());
    }
    state.SetBytesProcessed(bytes);
    state.SetItemsProcessed(state.iterations() * state.range(0) * std::int64_t{columns});
}

void register_all()
{
    for (const std::string kind : {"integers", "2_decimals", "6_decimals", "all_digits"}) {
        for (const auto& [name, shape] : {std::pair{"records", config::Shape::records},
                                          std::pair{"columns", config::Shape::columns}}) {
            benchmark::RegisterBenchmark(
                (kind + "/" + name).c_str(),
                [kind, shape](benchmark::State& state) { render_json(state, kind, shape); })
                ->RangeMultiplier(10)
                ->Range(1'000, 100'000);
        }
    }
}

}  // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    register_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
