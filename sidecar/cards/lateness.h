// How late runs began, of the last minute or two: whether the sidecar keeps up. No clock.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

namespace gatehouse::sidecar {

class Lateness {
public:
    void note(std::chrono::milliseconds late, std::int64_t now_ms) noexcept
    {
        if (now_ms - began_ms_ >= window_ms) {
            before_ = std::exchange(now_, {});
            began_ms_ = now_ms;
        }
        const auto* bound = std::lower_bound(bounds.begin(), bounds.end(), late.count());
        ++now_[static_cast<std::size_t>(std::distance(bounds.begin(), bound))];
    }

    std::uint64_t runs() const noexcept { return up_to(bounds.size()); }

    /// A bound in milliseconds that this share of the runs kept to; bounds.back() also where it
    /// was more.
    std::int64_t quantile(double share) const noexcept
    {
        const auto wanted = share * static_cast<double>(runs());
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            if (static_cast<double>(up_to(i)) >= wanted) {
                return bounds[i];
            }
        }
        return bounds.back();
    }

    static constexpr std::array<std::int64_t, 14> bounds{0,   1,   2,   5,    10,   25,   50,
                                                         100, 250, 500, 1000, 2500, 5000, 60'000};
    static constexpr std::int64_t window_ms = 60'000;

private:
    using Counts = std::array<std::uint64_t, bounds.size() + 1>;

    std::uint64_t up_to(std::size_t last) const noexcept
    {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i <= last; ++i) {
            sum += now_[i] + before_[i];
        }
        return sum;
    }

    std::int64_t began_ms_ = 0;
    Counts now_{}, before_{};
};

}  // namespace gatehouse::sidecar
