// When to look at a source after events about its files. No clock.
//
// A file that is finished is looked at at once; what goes on after that is looked at together, a
// tenth of a second after the last look.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gatehouse::sidecar {

class Quiet {
public:
    enum class Event {
        finished,  ///< closed after writing, renamed, removed
        begun,     ///< created: empty as yet, or a link to something whole
        written,   ///< written to by somebody who may write on
    };

    void note(Event event, std::int64_t now_ms) noexcept
    {
        if (!due_ms_) {
            first_ms_ = now_ms;
            soon_ = false;
        }
        if (event == Event::finished) {
            // A directory has other files too: one that is written to must not hold up one that is
            // done.
            due_ms_ = std::min(due_ms_.value_or(never), std::max(now_ms, told_ms_ + between_ms));
            soon_ = true;
        } else if (!soon_) {
            const auto wait = event == Event::begun ? between_ms : after_write_ms;
            due_ms_ = std::min(now_ms + wait, first_ms_ + longest_ms);
        }
    }

    std::optional<std::int64_t> due_ms() const noexcept { return due_ms_; }

    /// Whether it is time; if so, the events are taken as dealt with.
    bool take(std::int64_t now_ms) noexcept
    {
        const bool due = due_ms_ && *due_ms_ <= now_ms;
        if (due) {
            due_ms_.reset();
            told_ms_ = now_ms;
        }
        return due;
    }

    static constexpr std::int64_t between_ms = 100;
    static constexpr std::int64_t after_write_ms = 1000;
    static constexpr std::int64_t longest_ms = 5000;  ///< of a file that is written to all the time

private:
    static constexpr std::int64_t never = std::int64_t{1} << 62;

    std::int64_t told_ms_ = -between_ms;
    std::int64_t first_ms_ = 0;
    bool soon_ = false;
    std::optional<std::int64_t> due_ms_;
};

}  // namespace gatehouse::sidecar
