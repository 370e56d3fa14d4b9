// What a guard decided about a request: the words that counters, the decision ring and their
// readers share. A new word is a new row at the end.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::telemetry {

/// Who decided.
enum class Stage : std::uint8_t { geo, conn, limit, auth };
inline constexpr std::array<std::string_view, 4> stage_names{"geo", "conn", "limit", "auth"};

/// What became of the request. `dry_run`: it would have been refused or delayed.
enum class Outcome : std::uint8_t { admitted, delayed, refused, dry_run };
inline constexpr std::array<std::string_view, 4> outcome_names{"admitted", "delayed", "refused",
                                                               "dry_run"};

/// Why.
enum class Reason : std::uint8_t {
    none,
    rate,
    quota,
    concurrency,
    zone_full,
    no_credentials,
    malformed,
    invalid_token,
    expired,
    revoked,
    insufficient_scope,
    country,
    asn,
    network,
    error,
};
inline constexpr std::array<std::string_view, 15> reason_names{
    "none",      "rate",          "quota",   "concurrency", "zone_full",          "no_credentials",
    "malformed", "invalid_token", "expired", "revoked",     "insufficient_scope", "country",
    "asn",       "network",       "error"};

/// A name of one of these enumerations; "other" for a number that is none (from a later version).
template <class Enum, std::size_t Size>
constexpr std::string_view name_of(Enum value, const std::array<std::string_view, Size>& names)
{
    const auto index = static_cast<std::size_t>(value);
    return index < Size ? names[index] : "other";
}

/// One line of the decision ring.
struct Decision {
    std::int64_t at_ms = 0;  ///< Unix time
    Stage stage{};
    Outcome outcome{};
    Reason reason{};
    std::uint8_t method = 0;                ///< see http_labels.h
    std::uint16_t endpoint = 0;             ///< index of its name
    std::uint16_t zone = 0;                 ///< of a limit or a cap, by the stage; no_zone: none
    std::uint64_t key_hash = 0;             ///< keyed; 0: none
    std::array<std::uint64_t, 2> client{};  ///< masked IPv6 address, IPv4 as ::ffff:a.b.c.0

    friend bool operator==(const Decision&, const Decision&) = default;
};

inline constexpr std::uint16_t no_zone = 0xffff;

}  // namespace gatehouse::telemetry
