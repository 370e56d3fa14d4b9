// One alert: that a rule holds for something, from when on, and who was told.
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::alerts {

/// pending: it holds, but not for long enough. resolved: it fired, and is over.
enum class Phase { pending, firing, resolved };

std::string_view name_of(Phase phase) noexcept;

/// What a receiver knows.
struct Told {
    Phase phase = Phase::firing;
    std::int64_t at_ms = 0;  ///< Unix time

    bool operator==(const Told&) const = default;
};

struct Alert {
    std::string fingerprint;  ///< of rule and target, whenever it fires: 16 hexadecimal digits
    std::string rule;
    std::string target;  ///< what it holds for: a check, a card, a route, a series
    std::string severity;
    std::string summary;  ///< for people
    std::string detail;   ///< what was found last, in words
    std::string runbook;
    Phase phase = Phase::pending;
    std::optional<double> value;   ///< what was found last
    std::int64_t pending_ms = 0;   ///< Unix time since when it holds
    std::int64_t firing_ms = 0;    ///< 0: it has not fired
    std::int64_t clear_ms = 0;     ///< since when it no longer holds, though it fires; 0: it holds
    std::int64_t resolved_ms = 0;  ///< 0: it is not over
    std::map<std::string, Told> told;  ///< by receiver

    /// Of this time: the fingerprint, and when it began.
    std::string id() const { return fingerprint + '-' + std::to_string(pending_ms); }

    bool operator==(const Alert&) const = default;
};

std::string fingerprint_of(const std::string& rule, const std::string& target);

/// Until then nobody is told of what it covers.
struct Silence {
    std::int64_t id = 0;
    std::string rule = "*";    ///< "*": all
    std::string target = "*";  ///< "*": all
    std::int64_t until_ms = 0;
    std::int64_t created_ms = 0;
    std::string comment;

    bool covers(const Alert& alert, std::int64_t now_ms) const
    {
        return now_ms < until_ms && (rule == "*" || rule == alert.rule) &&
               (target == "*" || target == alert.target);
    }

    bool operator==(const Silence&) const = default;
};

}  // namespace gatehouse::alerts
