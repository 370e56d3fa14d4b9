// Floods: of new keys beyond all size, and of keys chosen to collide.
#include <gtest/gtest.h>

#include <random>

#include "src/limit/test_zone.h"

namespace gatehouse::limit {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t flood_keys = 500'000;
#else
constexpr std::uint64_t flood_keys = 10'000'000;
#endif

constexpr std::size_t small_zone = 256 * 1024;

struct Flood {
    const char* quota;
    Algorithm algorithm;
    std::uint64_t keys = flood_keys / 5;
};

/// In one word, as it becomes part of a test's name.
void PrintTo(const Flood& flood, std::ostream* out)
{
    constexpr const char* names[] = {"rate", "gcra", "fixed", "sliding"};
    *out << names[static_cast<int>(flood.algorithm)];
    for (const char c : std::string{"_"} + flood.quota) {
        *out << (c == ' ' || c == ';' || c == '/' ? '_' : c);
    }
}

class UnderFlood : public testing::TestWithParam<Flood> {};

/// A hundred thousand new keys a second, each once, and a client that asks after every hundred of
/// them. It is limited as in a zone of its own, in 99.9 % of its requests and more.
TEST_P(UnderFlood, AnActiveKeyStaysLimited)
{
    auto flooded = test_zone(small_zone);
    auto own = test_zone(small_zone);
    const auto windows = windows_of(GetParam().quota, GetParam().algorithm);
    std::uint64_t probes = 0;
    std::uint64_t refused = 0;
    std::uint64_t wrong = 0;
    for (std::uint64_t i = 0; i < GetParam().keys; ++i) {
        const std::uint64_t ms = i / 100;
        admits(flooded, windows, 1000 + i, ms);
        if (i % 100 == 0) {
            const bool right = admits(own, windows, 1, ms);
            ++probes;
            refused += right ? 0 : 1;
            wrong += admits(flooded, windows, 1, ms) && !right ? 1 : 0;
        }
    }
    EXPECT_GT(refused, probes / 2);
    EXPECT_LE(wrong * 1000, probes) << wrong << " of " << probes;
}

INSTANTIATE_TEST_SUITE_P(
    Quotas, UnderFlood,
    testing::Values(Flood{"10/minute", Algorithm::gcra, flood_keys},
                    Flood{"1/minute", Algorithm::gcra}, Flood{"2/hour", Algorithm::gcra},
                    Flood{"10/minute", Algorithm::fixed}, Flood{"1/minute", Algorithm::fixed},
                    Flood{"10/minute", Algorithm::sliding}, Flood{"1/minute", Algorithm::sliding},
                    Flood{"10/minute; 50/hour; 200/day", Algorithm::gcra},
                    Flood{"10/minute; 50/hour; 200/day", Algorithm::fixed},
                    Flood{"10/minute; 50/hour; 200/day", Algorithm::sliding}));

/// A client that begins in the midst of a flood, when every cell is taken, is limited all the same.
TEST(UnderFlood, AKeyThatBeginsLateIsLimitedToo)
{
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        auto zone = test_zone(small_zone);
        const auto windows = windows_of("5/minute", algorithm);
        std::uint64_t admitted = 0;
        for (std::uint64_t i = 0; i < flood_keys / 10; ++i) {
            admits(zone, windows, 1000 + i, i / 100);
            if (i > flood_keys / 20 && i % 50 == 0) {
                admitted += admits(zone, windows, 1, i / 100) ? 1 : 0;
            }
        }
        EXPECT_LE(admitted, 5U + 5U + 2U) << static_cast<int>(algorithm);
    }
}

/// How many of these keys, each asked for once, pushed out another's cell.
template <class Keys>
std::uint64_t evictions(Zone& zone, std::uint64_t count, const Keys& key_of)
{
    const auto windows = windows_of("10/hour");
    std::uint64_t evicted = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        Request request{zone, windows, key_of(i), 0};
        request.decide();
        evicted += request.evicted();
    }
    return evicted;
}

/// The bucket that a zone with this hash key gives to a key.
std::uint64_t bucket_of(const SipKey& hash_key, std::uint64_t key, std::uint64_t buckets)
{
    char bytes[sizeof key];
    std::memcpy(bytes, &key, sizeof key);
    return (siphash13_64(hash_key, {bytes, sizeof bytes}) >> 32) * buckets >> 32;
}

TEST(HashFlooding, KeysThatCollideUnderAnotherHashKeyAreSpreadAsAnyOthers)
{
    auto zone = test_zone();
    const std::uint64_t half = zone.capacity() / 2;
    const std::uint64_t buckets = zone.capacity() / CellTable::bucket_size;
    // All in one bucket, for who believes in the key 0.
    std::vector<std::uint64_t> chosen;
    for (std::uint64_t key = 0; chosen.size() < half; ++key) {
        if (bucket_of({0, 0}, key, buckets) == 5) {
            chosen.push_back(key);
        }
    }
    EXPECT_EQ(evictions(zone, half, [&](std::uint64_t i) { return chosen[i]; }), 0U);
}

TEST(HashFlooding, KeysInRowsAreSpreadAsAnyOthers)
{
    for (const std::uint64_t step : {1ULL, 256ULL, 1ULL << 32, 1ULL << 56, 0x0101010101010101ULL}) {
        auto zone = test_zone();
        EXPECT_EQ(evictions(zone, zone.capacity() / 2,
                            [&](std::uint64_t i) { return i * step + (i >> 8); }),
                  0U);
    }
}

TEST(HashFlooding, TwoZonesHaveTwoHashKeys)
{
    auto one = test_zone();
    auto other = test_zone();
    EXPECT_NE(one.hash("a"), other.hash("a"));
}

TEST(Keys, OfAnyLengthDifferByTheirLastByte)
{
    auto zone = test_zone();
    for (const std::size_t size : {1U, 7U, 8U, 9U, 255U, 256U, 65'535U, 65'536U, 1U << 20}) {
        std::string key(size, 'a');
        const auto first = zone.hash(key);
        key.back() = 'b';
        EXPECT_NE(first, zone.hash(key)) << size;
        key.back() = '\0';
        EXPECT_NE(zone.hash(key), zone.hash(std::string_view{key}.substr(0, size - 1))) << size;
    }
}

}  // namespace
}  // namespace gatehouse::limit
