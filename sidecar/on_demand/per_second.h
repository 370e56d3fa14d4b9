// So many of something a second, and no more.
//
// Thread safety: none.
#pragma once

#include <cstdint>

namespace gatehouse::on_demand {

class PerSecond {
public:
    explicit PerSecond(unsigned most) noexcept : most_(most) {}

    /// Whether there is one left in the second of `now_ms`; then it is taken.
    bool take(std::int64_t now_ms) noexcept
    {
        if (const auto second = now_ms / 1000; second != second_) {
            second_ = second;
            taken_ = 0;
        }
        return taken_ < most_ && ++taken_ > 0;
    }

private:
    unsigned most_;
    unsigned taken_ = 0;
    std::int64_t second_ = -1;
};

}  // namespace gatehouse::on_demand
