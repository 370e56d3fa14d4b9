// What is known of something that is computed ahead: the cache of a source, the result of a card.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

namespace gatehouse::sidecar {

struct CacheState {
    std::string name;
    std::string kind;  ///< source or card
    bool exists = false;
    std::uint64_t size_bytes = 0;
    bool warm = false;          ///< it exists and is current
    double progress = 0;        ///< 0 to 1: of the computation under way; 1 when it is warm
    std::int64_t since_ms = 0;  ///< Unix time: of its making, or when the one under way began
    std::string error{};        ///< why the last computation failed; empty: it did not

    bool operator==(const CacheState&) const = default;
};

inline bool all_warm(std::span<const CacheState> states)
{
    return std::all_of(states.begin(), states.end(), [](const auto& state) { return state.warm; });
}

}  // namespace gatehouse::sidecar
