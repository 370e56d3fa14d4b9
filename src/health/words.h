// The words of health: what is asked, what is found, and what only nginx can put into an answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::health {

/// What a location answers. Numbers are part of the table's format.
enum class Question : std::uint16_t {
    live,      ///< is the process there? Of nginx alone, and always yes.
    ready,     ///< are the things there that it depends on?
    status,    ///< the same, in one word
    detailed,  ///< every check
    extended,  ///< every check, and figures of the machine, the traffic and the data
    brief,     ///< as status, for those who may not see the details: no location asks it by name
};

inline constexpr std::size_t question_count = 6;

/// Of those that locations ask.
inline constexpr std::array<std::string_view, 5> question_names{"live", "ready", "status",
                                                                "detailed", "extended"};

/// Numbers are part of the table's format.
enum class State : std::uint16_t { unknown, up, degraded, down };

inline constexpr std::array<std::string_view, 4> state_names{"unknown", "up", "degraded", "down"};

constexpr std::string_view name_of(State state) noexcept
{
    return state_names[static_cast<std::size_t>(state)];
}

/// What a check that is down makes of the whole. Numbers are part of the table's format.
enum class Severity : std::uint16_t {
    info,       ///< nothing: it is only shown
    degrading,  ///< degraded
    critical,   ///< down: not ready
};

inline constexpr std::array<std::string_view, 3> severity_names{"info", "degrading", "critical"};

/// The profile of a location that names none.
inline constexpr std::string_view default_profile = "default";

/// Away for so long is down where no table says otherwise.
inline constexpr std::uint64_t default_down_after_ms = 60'000;

inline constexpr char slot_mark = '\x01';

/// The character after a slot_mark. Each stands for a JSON value, strings with their quotes.
enum class Slot : char {
    timestamp = 't',        ///< "2026-01-02T03:04:05.678901Z"
    naive_timestamp = 'n',  ///< the same without the zone, as Python's isoformat() of UTC has it
    unix_time = 'x',        ///< seconds since 1970, with a fraction
    uptime_seconds = 'u',   ///< since nginx was started, with a fraction
    request_count = 'r',    ///< requests answered since then
    error_count = 'e',      ///< of these, with a status from 500
    connections = 'c',      ///< open ones
    websockets = 'w',       ///< open ones
    nginx = 'g',            ///< an object: workers, connections, sidecar, cards with their age
};

}  // namespace gatehouse::health
