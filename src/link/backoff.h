// When to dial again: longer and longer, and never all workers at once.
//
// Thread safety: none; one owner.
#pragma once

#include <algorithm>
#include <cstdint>

namespace gatehouse::link {

class Backoff {
public:
    static constexpr std::uint64_t shortest_ms = 50;
    static constexpr std::uint64_t longest_ms = 2000;

    /// The next delay: twice the one before, up to longest_ms, then 50 % more or less by `random`,
    /// any number.
    std::uint64_t next_ms(std::uint64_t random) noexcept
    {
        const std::uint64_t base = base_ms_;
        base_ms_ = std::min(2 * base, longest_ms);
        return base / 2 + random % (base + 1);
    }

    void reset() noexcept { base_ms_ = shortest_ms; }

private:
    std::uint64_t base_ms_ = shortest_ms;
};

}  // namespace gatehouse::link
