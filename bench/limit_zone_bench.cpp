// What one decision of a limit costs, without nginx: Google Benchmark for the time, and a plain
// loop for callgrind to count.
//
//   limit_zone_bench [--benchmark_…]           nanoseconds
//   limit_zone_bench count LIMIT KEYS N KIND   N decisions between two toggles of callgrind; KIND:
//                                              admitted, refused, or prepared: without the hash of
//                                              the key and the decision
#include <benchmark/benchmark.h>
#include <valgrind/callgrind.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/limit/decision.h"
#include "src/limit/grammar.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::limit;

constexpr std::size_t zone_bytes = 256 << 20;
constexpr std::uint64_t begin_ms = 1'000'000'000;

std::vector<Window> windows_of(std::string_view limit)
{
    if (limit == "rate") {
        return {rate_window(1'000'000'000, 1'000'000, "1000000r/s")};
    }
    if (limit == "narrow") {
        return *parse_quota("1/hour; 1/day; 1/month", Algorithm::gcra, Align::first);
    }
    // So wide that nothing is refused, however long the loop runs.
    const auto algorithm = limit.ends_with("sliding") ? Algorithm::sliding
                           : limit.ends_with("fixed") ? Algorithm::fixed
                                                      : Algorithm::gcra;
    const auto* quota = algorithm == Algorithm::gcra
                            ? "60000000/second; 3000000000/minute; 200000000000/hour"
                            : "1048575/2 years; 1048575/3 years; 1048575/5 years";
    auto windows = *parse_quota(quota, algorithm, Align::first);
    if (limit.starts_with("one")) {
        windows.resize(1);
    }
    return windows;
}

class Limit {
public:
    explicit Limit(std::string_view name)
        : zone_(
              std::move(*Zone::open({.name = "bench", .bytes = zone_bytes, .key = "k", .path = {}},
                                    {.monotonic_ms = begin_ms, .unix_ms = 0, .boot_id = "b"}))),
          windows_(windows_of(name))
    {
    }

    /// A request of the client with this IPv4 address.
    bool admits(std::uint32_t address, std::uint64_t at_ms) noexcept
    {
        return windows_.size() == 1 ? ask<1, true>(address, at_ms) : ask<3, true>(address, at_ms);
    }

    /// All but the hash of the key and the decision.
    void prepare(std::uint32_t address, std::uint64_t at_ms) noexcept
    {
        windows_.size() == 1 ? ask<1, false>(address, at_ms) : ask<3, false>(address, at_ms);
    }

private:
    template <std::size_t Windows, bool Decides>
    bool ask(std::uint32_t address, std::uint64_t at_ms) noexcept
    {
        char bytes[sizeof address];
        std::memcpy(bytes, &address, sizeof address);
        const auto key = Decides ? zone_.hash({bytes, sizeof bytes}) : address;
        const auto now = zone_.now(at_ms);
        std::array<Charge, Windows> charges;
        Demand demand{
            .zone = &zone_, .windows = windows_, .charges = charges.data(), .key = key, .now = now};
        benchmark::DoNotOptimize(demand);
        return !Decides || decide({&demand, 1}) == nullptr;
    }

    Zone zone_;
    std::vector<Window> windows_;
};

// ---- time -------------------------------------------------------------------------------------

Limit& shared(const std::string& name, std::uint32_t keys)
{
    static std::map<std::pair<std::string, std::uint32_t>, std::unique_ptr<Limit>> limits;
    auto& limit = limits[{name, keys}];
    if (!limit) {
        limit = std::make_unique<Limit>(name);
        for (std::uint32_t key = 0; key < keys; ++key) {
            limit->admits(key, begin_ms);
        }
    }
    return *limit;
}

/// Keys in an order that no prefetcher guesses.
std::uint32_t scattered(std::uint32_t i, std::uint32_t keys)
{
    return static_cast<std::uint32_t>(std::uint64_t{i * 2'654'435'769U} * keys >> 32);
}

void decisions(benchmark::State& state, const std::string& name)
{
    static Limit* limit = nullptr;
    const auto keys = static_cast<std::uint32_t>(state.range(0));
    if (state.thread_index() == 0) {
        limit = &shared(name, keys);
    }
    auto i = static_cast<std::uint32_t>(state.thread_index()) * 1'000'003;
    for (auto _ : state) {
        ++i;
        benchmark::DoNotOptimize(limit->admits(scattered(i, keys), begin_ms + i / 1000));
    }
    state.SetItemsProcessed(state.iterations());
}

/// Each thread has a key of its own.
void own_keys(benchmark::State& state, const std::string& name)
{
    static Limit* limit = nullptr;
    if (state.thread_index() == 0) {
        limit = &shared(name, 4);
    }
    const auto key = static_cast<std::uint32_t>(state.thread_index());
    std::uint64_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(limit->admits(key, begin_ms + ++i / 1000));
    }
    state.SetItemsProcessed(state.iterations());
}

void register_all()
{
    const std::vector<std::pair<std::string, std::vector<int>>> runs{
        {"rate", {1, 100'000, 1'000'000}},  {"one", {1, 100'000, 1'000'000}},
        {"three", {1, 100'000, 1'000'000}}, {"three-fixed", {1000}},
        {"three-sliding", {1000}},
    };
    for (const auto& [name, all_keys] : runs) {
        for (const int keys : all_keys) {
            benchmark::RegisterBenchmark((name + "/keys").c_str(), decisions, name)
                ->Arg(keys)
                ->ThreadRange(1, 4)
                ->UseRealTime();
        }
    }
    for (const std::string name : {"one", "three"}) {
        benchmark::RegisterBenchmark((name + "/own_key").c_str(), own_keys, name)
            ->ThreadRange(1, 4)
            ->UseRealTime();
    }
}

// ---- instructions -----------------------------------------------------------------------------

int count(std::string_view name, std::uint32_t keys, std::uint32_t decisions, std::string_view kind)
{
    Limit limit{kind == "refused" ? "narrow" : name};
    for (std::uint32_t i = 0; i < 2 * keys; ++i) {
        limit.admits(i % keys, begin_ms);
    }
    std::uint32_t refused = 0;
    CALLGRIND_TOGGLE_COLLECT;
    for (std::uint32_t i = 0; i < decisions; ++i) {
        const auto key = scattered(i, keys);
        if (kind == "prepared") {
            limit.prepare(key, begin_ms + i);
        } else {
            refused += limit.admits(key, begin_ms + i) ? 0 : 1;
        }
    }
    CALLGRIND_TOGGLE_COLLECT;
    const auto expected = kind == "refused" ? decisions : 0;
    if (refused != expected) {
        std::fprintf(stderr, "%u of %u were refused\n", refused, decisions);
        return 1;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc == 6 && std::string_view{argv[1]} == "count") {
        return count(argv[2], static_cast<std::uint32_t>(std::atoi(argv[3])),
                     static_cast<std::uint32_t>(std::atoi(argv[4])), argv[5]);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    register_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
