// When the board file is written: soon after a change, seldom enough that writing stays a small
// part of what the disk does. No clock.
//
// Invariant: between the starts of two writes pass at least a second and ten times what the first
// took.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gatehouse::sidecar {

class Pacer {
public:
    enum class Urgency {
        soon,  ///< other bytes, or data that are no longer current
        lazy,  ///< only times moved: an older time in the file errs on the safe side
    };

    void changed(Urgency urgency, std::int64_t now_ms) noexcept
    {
        const auto at = now_ms + (urgency == Urgency::soon ? debounce_ms : lazy_ms);
        wanted_at_ = wanted_at_ ? std::min(*wanted_at_, at) : at;
    }

    /// When to write; nothing while a write is under way or none is wanted.
    std::optional<std::int64_t> due_ms() const noexcept
    {
        if (writing_ || !wanted_at_) {
            return std::nullopt;
        }
        return std::max(*wanted_at_, earliest_);
    }

    void started(std::int64_t now_ms) noexcept
    {
        writing_ = true;
        wanted_at_.reset();
        started_ = now_ms;
    }

    /// A write that failed is tried again as if something had changed.
    void finished(bool written, std::int64_t now_ms) noexcept
    {
        writing_ = false;
        earliest_ = started_ + std::max(shortest_ms, 10 * (now_ms - started_));
        if (!written) {
            earliest_ = std::max(earliest_, now_ms + after_failure_ms);
            changed(Urgency::soon, now_ms);
        }
    }

    bool pending() const noexcept { return wanted_at_.has_value(); }
    bool writing() const noexcept { return writing_; }

    static constexpr std::int64_t debounce_ms = 200;
    static constexpr std::int64_t lazy_ms = 10'000;
    static constexpr std::int64_t shortest_ms = 1000;
    static constexpr std::int64_t after_failure_ms = 10'000;

private:
    std::optional<std::int64_t> wanted_at_;
    std::int64_t earliest_ = 0;
    std::int64_t started_ = 0;
    bool writing_ = false;
};

}  // namespace gatehouse::sidecar
