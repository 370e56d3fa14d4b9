// Waits for a file to be finished: when to look at a source after events about it. No clock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gatehouse::sidecar {

class Quiet {
public:
    enum class Event {
        finished,  ///< closed after writing, renamed, created, removed
        written,   ///< written to by somebody who may write on
    };

    void note(Event event, std::int64_t now_ms) noexcept
    {
        if (!due_ms_) {
            first_ms_ = now_ms;
            finished_ = false;
        }
        // A directory has other files too: one that is written to must not hold up one that is
        // done.
        if (event == Event::written && finished_) {
            return;
        }
        finished_ = event == Event::finished;
        const auto wait = finished_ ? after_finish_ms : after_write_ms;
        due_ms_ = std::min(now_ms + wait, first_ms_ + longest_ms);
    }

    std::optional<std::int64_t> due_ms() const noexcept { return due_ms_; }

    /// Whether it is time; if so, the events are taken as dealt with.
    bool take(std::int64_t now_ms) noexcept
    {
        const bool due = due_ms_ && *due_ms_ <= now_ms;
        if (due) {
            due_ms_.reset();
        }
        return due;
    }

    static constexpr std::int64_t after_finish_ms = 100;
    static constexpr std::int64_t after_write_ms = 1000;
    static constexpr std::int64_t longest_ms = 5000;  ///< of a file that is written to all the time

private:
    std::int64_t first_ms_ = 0;
    bool finished_ = false;
    std::optional<std::int64_t> due_ms_;
};

}  // namespace gatehouse::sidecar
