// When to look at a source after events about its files. No clock.
//
// Files that are finished are looked at at once; what goes on after that is looked at together, a
// tenth of a second after the last look. All files of a source are looked at together, so one that
// is being written to holds up the others, for some seconds at most.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace gatehouse::sidecar {

class Quiet {
public:
    enum class Event {
        finished,  ///< closed after writing, renamed, removed
        begun,     ///< created: empty as yet, or a link to something whole
        written,   ///< written to by somebody who may write on
    };

    void note(const std::string& file, Event event, std::int64_t now_ms)
    {
        if (due_by_file_.empty()) {
            first_ms_ = now_ms;
        }
        const auto wait = event == Event::finished ? 0
                          : event == Event::begun  ? between_ms
                                                   : after_write_ms;
        due_by_file_[file] = now_ms + wait;
    }

    std::optional<std::int64_t> due_ms() const noexcept
    {
        if (due_by_file_.empty()) {
            return std::nullopt;
        }
        std::int64_t all_ms = told_ms_ + between_ms;
        for (const auto& [file, due_ms] : due_by_file_) {
            all_ms = std::max(all_ms, due_ms);
        }
        return std::min(all_ms, first_ms_ + longest_ms);
    }

    /// Whether it is time; if so, the events are taken as dealt with.
    bool take(std::int64_t now_ms)
    {
        const auto at = due_ms();
        const bool due = at && *at <= now_ms;
        if (due) {
            due_by_file_.clear();
            told_ms_ = now_ms;
        }
        return due;
    }

    static constexpr std::int64_t between_ms = 100;
    static constexpr std::int64_t after_write_ms = 1000;
    static constexpr std::int64_t longest_ms = 5000;  ///< of files that are written to all the time

private:
    std::int64_t told_ms_ = -between_ms;
    std::int64_t first_ms_ = 0;
    std::map<std::string, std::int64_t> due_by_file_;  // since the last look
};

}  // namespace gatehouse::sidecar
