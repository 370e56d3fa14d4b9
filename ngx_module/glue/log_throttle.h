// At most one line a second about what may happen a million times.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace gatehouse::glue {

/// Thread safety: none; of a worker.
class LogThrottle {
public:
    /// Nothing: no line now. Else how many happened since the last line, this one not counted.
    std::optional<std::uint64_t> ask() noexcept
    {
        if (asked_ && ngx_current_msec - last_ms_ < interval_ms) {
            ++unsaid_;
            return std::nullopt;
        }
        asked_ = true;
        last_ms_ = ngx_current_msec;
        const auto unsaid = unsaid_;
        unsaid_ = 0;
        return unsaid;
    }

    /// How many are still unsaid a second after the last line; to be asked by a timer.
    std::uint64_t take_overdue() noexcept
    {
        if (unsaid_ == 0 || ngx_current_msec - last_ms_ < interval_ms) {
            return 0;
        }
        return *ask();
    }

    /// How many are still unsaid, whenever; for the last line of all.
    std::uint64_t take_unsaid() noexcept { return std::exchange(unsaid_, 0); }

private:
    static constexpr ngx_msec_t interval_ms = 1000;

    bool asked_ = false;
    ngx_msec_t last_ms_ = 0;
    std::uint64_t unsaid_ = 0;
};

}  // namespace gatehouse::glue
