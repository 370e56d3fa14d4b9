// What one run of a check has found.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/health/words.h"

namespace gatehouse::checks {

using health::State;

struct Measurement {
    State state = State::up;  ///< up, degraded, down
    std::string message{};    ///< of what is not up: why, as one sentence; any bytes
    bool timed_out = false;
    std::optional<double> value{};  ///< what was measured, if it is a number
    std::string unit{};             ///< of the value: "percent", "days", "seconds", …
    /// More that was found, as name and JSON text: {"size_bytes", "42"}.
    std::vector<std::pair<std::string, std::string>> facts{};
    std::chrono::microseconds duration{0};
};

inline Measurement down(std::string message)
{
    return {State::down, std::move(message)};
}

inline Measurement degraded(std::string message)
{
    return {State::degraded, std::move(message)};
}

}  // namespace gatehouse::checks
