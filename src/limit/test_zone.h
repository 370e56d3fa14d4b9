// For tests: zones in memory, and charges by short names.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "src/limit/decision.h"
#include "src/limit/grammar.h"

namespace gatehouse::limit {

/// 2026-01-01T10:59:59Z, eleven days after a boot.
inline Clocks test_clocks()
{
    return {.monotonic_ms = 1'000'000'000, .unix_ms = 1'767'265'199'000, .boot_id = "boot-1"};
}

inline Zone test_zone(std::size_t bytes = Zone::smallest_bytes)
{
    auto zone =
        Zone::open({.name = "z", .bytes = bytes, .key = "$gate_client", .path = {}}, test_clocks());
    EXPECT_TRUE(zone) << zone.error().message;
    return std::move(*zone);
}

inline std::vector<Window> windows_of(const char* quota, Algorithm algorithm = Algorithm::gcra,
                                      Align align = Align::first)
{
    auto windows = parse_quota(quota, algorithm, align);
    EXPECT_TRUE(windows) << quota;
    return std::move(*windows);
}

/// A request for `key` under all these windows of one zone, `ms` after the zone's test clocks.
inline std::vector<Charge> charges_of(Zone& zone, const std::vector<Window>& windows,
                                      std::uint64_t key, std::uint64_t ms, std::uint64_t cost = 1)
{
    char bytes[sizeof key];
    std::memcpy(bytes, &key, sizeof key);
    std::vector<Charge> charges(windows.size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
        charges[i].zone = &zone;
        charges[i].window = &windows[i];
        charges[i].key = zone.hash({bytes, sizeof bytes});
        charges[i].cost = cost;
        charges[i].now = zone.now(test_clocks().monotonic_ms + ms);
    }
    return charges;
}

/// Charges point into the windows.
std::vector<Charge> charges_of(Zone& zone, std::vector<Window>&& windows, std::uint64_t key,
                               std::uint64_t ms, std::uint64_t cost = 1) = delete;

inline bool admits(Zone& zone, const std::vector<Window>& windows, std::uint64_t key,
                   std::uint64_t ms, std::uint64_t cost = 1)
{
    auto charges = charges_of(zone, windows, key, ms, cost);
    return decide(charges) == npos;
}

/// All bytes of the cells.
inline std::string memory_of(const Zone& zone)
{
    const auto cells = zone.table().cells();
    return {reinterpret_cast<const char*>(cells.data()), cells.size_bytes()};
}

}  // namespace gatehouse::limit
