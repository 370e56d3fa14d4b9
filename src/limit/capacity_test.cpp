// How many keys a megabyte holds before one of them pushes out another, beside limit_req.
#include <gtest/gtest.h>

#include "src/limit/test_zone.h"

namespace gatehouse::limit {
namespace {

// nginx's documentation of limit_req_zone: "The stored state always occupies 64 bytes on 32-bit
// platforms and 128 bytes on 64-bit platforms. One megabyte zone can keep about 16 thousand 64-byte
// states or about 8 thousand 128-byte states." Exactly: a slab page of 4096 bytes and its
// descriptor of 24 hold 32 states (84 bytes for the key $binary_remote_addr, rounded up to a power
// of two).
constexpr std::uint64_t megabyte = 1 << 20;
constexpr std::uint64_t limit_req_states = megabyte / (4096 + 24) * (4096 / 128);
static_assert(limit_req_states == 8128);

/// In ten zones, each with a hash key of its own.
std::uint64_t evictions(const std::vector<Window>& windows, std::uint64_t keys)
{
    std::uint64_t evicted = 0;
    for (int i = 0; i < 10; ++i) {
        auto zone = test_zone(megabyte);
        for (std::uint64_t key = 0; key < keys; ++key) {
            Request request{zone, windows, key, 0};
            EXPECT_EQ(request.decide(), Request::npos);
            evicted += request.evicted();
        }
    }
    return evicted;
}

TEST(Capacity, OfARateIsFourTimesThatOfLimitReq)
{
    const std::vector<Window> windows{rate_window(1000, 100'000, "1r/s")};
    EXPECT_EQ(evictions(windows, 4 * limit_req_states), 0U);
    EXPECT_LE(evictions(windows, 6 * limit_req_states), 5U);
}

TEST(Capacity, OfThreeWindowsIsTwiceThatOfARateOfLimitReq)
{
    // One zone in some hundred has a crowded bucket at three quarters of its cells.
    EXPECT_LE(evictions(windows_of("10/minute; 50/hour; 200/day"), 2 * limit_req_states), 1U);
}

TEST(Capacity, IsUsedToNineTenthsWhenKeysArePushedOut)
{
    auto zone = test_zone(megabyte);
    const auto windows = windows_of("10/hour");
    for (std::uint64_t key = 0; key < 2 * zone.capacity(); ++key) {
        admits(zone, windows, key, 0);
    }
    const auto now = zone.now(test_clocks().monotonic_ms).ticks;
    EXPECT_GT(zone.entries(now, zone.capacity()), zone.capacity() * 9 / 10);
}

}  // namespace
}  // namespace gatehouse::limit
