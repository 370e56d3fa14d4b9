// What the verdict on an API token costs, without nginx: see bench/token_table.py.
//
//   token_table_bench [--benchmark_…]    nanoseconds
//   token_table_bench size N             bytes of a table of N tokens, and milliseconds to make it
//   token_table_bench count N VERDICTS KIND   between two toggles of callgrind; KIND: known, or
//   hash for
//                                        the checksum and the hash alone
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <valgrind/callgrind.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/api_token.h"
#include "src/auth/token_table_builder.h"
#include "src/auth/token_tables.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::auth;

constexpr std::size_t most_changes = 4096;
constexpr std::int64_t now_s = 1'800'000'000;

/// Token texts, all of one size, one after the other.
class Texts {
public:
    Texts(std::uint64_t seed, std::size_t count)
    {
        std::mt19937_64 source{seed};
        std::vector<std::uint8_t> random(random_for_secret);
        const auto draw = [&] {
            for (auto& byte : random) {
                byte = static_cast<std::uint8_t>(source());
            }
        };
        texts_.reserve(count * api_token_size);
        for (std::size_t i = 0; i < count; ++i) {
            draw();
            const auto id = make_token_id(random);
            draw();
            texts_ += *make_api_token(*id, random);
        }
    }

    /// The same in an order that no prefetcher guesses. A request's token has just been read, so
    /// that it costs nothing to read it one after the other here; looking it up does.
    Texts shuffled() const
    {
        std::vector<std::uint32_t> order(size());
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), std::mt19937_64{4});
        Texts copy;
        copy.texts_.reserve(texts_.size());
        for (const auto i : order) {
            copy.texts_ += (*this)[i];
        }
        return copy;
    }

    std::size_t size() const noexcept { return texts_.size() / api_token_size; }
    std::string_view operator[](std::size_t i) const noexcept
    {
        return std::string_view{texts_}.substr(i * api_token_size, api_token_size);
    }

private:
    Texts() = default;

    std::string texts_;
};

/// As tokens are: every name another, a thousand users, few kinds of scopes and plans.
Result<void> add(TokenTableBuilder& builder, Sha256& sha256, std::string_view token, std::size_t i)
{
    const auto user = "user" + std::to_string(i % 1000) + "@example.org";
    const auto name = "token " + std::to_string(i);
    TokenSpec spec;
    spec.id = id_of(token);
    spec.digest = *sha256(token);
    spec.user = user;
    spec.name = name;
    spec.scopes = i % 3 == 0 ? "read write" : "read";
    spec.plan = i % 10 == 0 ? "gold" : "free";
    return builder.add(spec);
}

SealedMemory table_of(const Texts& texts, std::size_t count, std::uint64_t base_checksum)
{
    auto sha256 = Sha256::create();
    TokenTableBuilder builder;
    for (std::size_t i = 0; i < count; ++i) {
        (void)add(builder, *sha256, texts[i], i);
    }
    auto built = builder.build(1, base_checksum);
    if (!built) {
        std::fprintf(stderr, "%s\n", built.error().message.c_str());
        std::exit(1);
    }
    return std::move(*built);
}

/// A base of so many tokens, and as many changes to it as there ever are.
struct Scene {
    explicit Scene(std::size_t count) : Scene(Texts{1, count}, Texts{3, most_changes}) {}

    Scene(const Texts& all, const Texts& later)
        : known(all.shuffled()),
          unknown(2, all.size()),
          changed(later.shuffled()),
          base(table_of(all, all.size(), 0)),
          changes(table_of(later, later.size(), TokenTable::open(base.bytes())->checksum()))
    {
        tables.set_base(*TokenTable::open(base.bytes()));
        (void)tables.set_changes(*TokenTable::open(changes.bytes()));
    }

    Texts known, unknown, changed;
    SealedMemory base, changes;
    TokenTables tables;
};

const Scene& scene(std::size_t count)
{
    static std::map<std::size_t, std::unique_ptr<Scene>> scenes;
    auto& made = scenes[count];
    if (!made) {
        made = std::make_unique<Scene>(count);
    }
    return *made;
}

Sha256& sha256()
{
    static auto hash = Sha256::create();
    return *hash;
}

// ---- time -------------------------------------------------------------------------------------

/// The checksum and the hash, of the same texts in the same order: what a look-up comes on top of.
void hashes(benchmark::State& state)
{
    const auto& texts = scene(static_cast<std::size_t>(state.range(0))).known;
    static std::size_t i = 0;  // goes on where the round before has ended
    for (auto _ : state) {
        const auto token = texts[i++ % texts.size()];
        benchmark::DoNotOptimize(shape_of(token));
        benchmark::DoNotOptimize(sha256()(token));
    }
}

void verdicts(benchmark::State& state, const Texts Scene::*asked, bool good)
{
    const auto& place = scene(static_cast<std::size_t>(state.range(0)));
    const auto& texts = place.*asked;
    static std::size_t i = 0;  // goes on where the round before has ended
    bool as_expected = true;
    for (auto _ : state) {
        const auto token = texts[i++ % texts.size()];
        const auto verdict = place.tables.verify(sha256(), token, {now_s, {}});
        as_expected = as_expected && verdict.accepted() == good;
    }
    if (!as_expected) {
        state.SkipWithError("another verdict than was expected");
    }
}

void checksums(benchmark::State& state)
{
    const Texts texts{1, 1};
    for (auto _ : state) {
        benchmark::DoNotOptimize(shape_of(texts[0]));
    }
}

void kept_hash(benchmark::State& state)
{
    const Texts texts{1, 1};
    for (auto _ : state) {
        benchmark::DoNotOptimize(sha256()(texts[0]));
    }
}

void one_shot_hash(benchmark::State& state)
{
    const Texts texts{1, 1};
    Digest digest;
    unsigned size = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(EVP_Digest(texts[0].data(), texts[0].size(), digest.data(), &size,
                                            EVP_sha256(), nullptr));
    }
}

void register_all()
{
    benchmark::RegisterBenchmark("checksum", checksums);
    benchmark::RegisterBenchmark("hash/kept", kept_hash);
    benchmark::RegisterBenchmark("hash/one_shot", one_shot_hash);
    for (const std::int64_t count : {1000, 100'000, 1'000'000}) {
        benchmark::RegisterBenchmark("hashes", hashes)->Arg(count);
        benchmark::RegisterBenchmark("known", verdicts, &Scene::known, true)->Arg(count);
        benchmark::RegisterBenchmark("unknown", verdicts, &Scene::unknown, false)->Arg(count);
        benchmark::RegisterBenchmark("changed", verdicts, &Scene::changed, true)->Arg(count);
    }
}

// ---- size and instructions ---------------------------------------------------------------------

int size(std::size_t count)
{
    const Texts texts{1, count};
    const auto begin = std::chrono::steady_clock::now();
    const auto memory = table_of(texts, count, 0);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::printf("%zu %.0f\n", memory.bytes().size(), took.count());
    return 0;
}

int count(std::size_t tokens, std::uint32_t verdicts, std::string_view kind)
{
    const Scene place{tokens};
    std::uint32_t accepted = 0;
    for (int warm = 0; warm < 2; ++warm) {
        if (warm == 1) {
            CALLGRIND_TOGGLE_COLLECT;
        }
        accepted = 0;
        for (std::uint32_t i = 0; i < verdicts; ++i) {
            const auto token = place.known[i % tokens];
            if (kind == "hash") {
                accepted += shape_of(token) == TokenShape::ours && sha256()(token) ? 1 : 0;
            } else {
                accepted += place.tables.verify(sha256(), token, {now_s, {}}).accepted() ? 1 : 0;
            }
        }
    }
    CALLGRIND_TOGGLE_COLLECT;
    return accepted == verdicts ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    const std::string_view mode = argc > 1 ? argv[1] : "";
    if (argc == 3 && mode == "size") {
        return size(std::strtoul(argv[2], nullptr, 10));
    }
    if (argc == 5 && mode == "count") {
        return count(std::strtoul(argv[2], nullptr, 10),
                     static_cast<std::uint32_t>(std::atoi(argv[3])), argv[4]);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    register_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
