// For tests: zones in memory, and requests by short names.
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

/// A request: the windows of one zone, and perhaps of further ones. Points into the windows.
class Request {
public:
    Request(Zone& zone, const std::vector<Window>& windows, std::uint64_t key, std::uint64_t ms,
            std::uint64_t cost = 1)
    {
        add(zone, windows, key, ms, cost);
    }
    Request(Zone& zone, std::vector<Window>&& windows, std::uint64_t key, std::uint64_t ms,
            std::uint64_t cost = 1) = delete;

    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    void add(Zone& zone, const std::vector<Window>& windows, std::uint64_t key, std::uint64_t ms,
             std::uint64_t cost = 1)
    {
        char bytes[sizeof key];
        std::memcpy(bytes, &key, sizeof key);
        charges_.emplace_back(windows.size());
        demands_.push_back({.zone = &zone,
                            .windows = windows,
                            .charges = charges_.back().data(),
                            .key = zone.hash({bytes, sizeof bytes}),
                            .cost = cost,
                            .now = zone.now(test_clocks().monotonic_ms + ms)});
    }

    /// Where the last zone is full, a new key is refused.
    void without_evicting() { demands_.back().evict = false; }

    void at(Now now) { demands_.back().now = now; }

    /// The number of the window that refuses, or npos.
    std::size_t decide() { return number_of(limit::decide(demands_)); }
    std::size_t peek() { return number_of(limit::peek(demands_)); }

    static constexpr auto npos = static_cast<std::size_t>(-1);

    /// By its number over all zones.
    const Charge& operator[](std::size_t number) const
    {
        std::size_t zone = 0;
        for (; number >= charges_[zone].size(); ++zone) {
            number -= charges_[zone].size();
        }
        return charges_[zone][number];
    }

    unsigned evicted() const { return demands_[0].evicted; }
    std::uint64_t key() const { return demands_[0].key; }
    Ticks now() const { return demands_[0].now.ticks; }

private:
    std::size_t number_of(const Charge* charge) const
    {
        std::size_t number = 0;
        while (charge != nullptr && &(*this)[number] != charge) {
            ++number;
        }
        return charge == nullptr ? npos : number;
    }

    std::vector<Demand> demands_;
    std::vector<std::vector<Charge>> charges_;
};

inline bool admits(Zone& zone, const std::vector<Window>& windows, std::uint64_t key,
                   std::uint64_t ms, std::uint64_t cost = 1)
{
    return Request{zone, windows, key, ms, cost}.decide() == Request::npos;
}

/// All bytes of the cells.
inline std::string memory_of(const Zone& zone)
{
    const auto cells = zone.table().cells();
    return {reinterpret_cast<const char*>(cells.data()), cells.size_bytes()};
}

}  // namespace gatehouse::limit
