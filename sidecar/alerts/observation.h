// What was found out about something that a rule is on.
//
// Thread safety: plain values.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::alerts {

/// unknown: nothing can be said now, so nothing changes.
enum class Holds { no, yes, unknown };

struct Observation {
    std::string target;
    Holds holds = Holds::unknown;
    std::optional<double> value{};
    std::string detail{};  ///< in words, for people
};

/// All that a rule is on.
struct Evaluation {
    std::vector<Observation> found;
    /// Whether a target that is not among them is gone, and is not merely out of sight.
    std::function<bool(const std::string& target)> gone = [](const std::string&) { return true; };
};

}  // namespace gatehouse::alerts
