// What was counted of the requests of one endpoint.
//
// Thread safety: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "src/telemetry/layout.h"

namespace gatehouse::history {

/// As SQL has it; never negative.
using Number = std::int64_t;

struct Traffic {
    enum Index : std::uint8_t {
        requests,
        errors,   ///< answered 5xx
        refused,  ///< by the guards
        bytes,    ///< sent
        duration_ns,
        first_bucket,  ///< by duration, not cumulative; bounds as telemetry/layout.h has them
    };
    static constexpr std::size_t size = first_bucket + telemetry::bucket_count;

    std::array<Number, size> numbers{};

    Number& operator[](Index index) noexcept { return numbers[index]; }
    Number operator[](Index index) const noexcept { return numbers[index]; }
    std::span<Number> buckets() noexcept { return std::span{numbers}.subspan(first_bucket); }
    std::span<const Number> buckets() const noexcept
    {
        return std::span{numbers}.subspan(first_bucket);
    }

    bool operator==(const Traffic&) const = default;
};

/// The columns of the state's tables, in the order of the numbers.
inline constexpr std::array<const char*, Traffic::size> traffic_columns{
    "requests",  "errors",   "refused",  "bytes",     "duration_ns", "le_100us",
    "le_250us",  "le_500us", "le_1ms",   "le_2500us", "le_5ms",      "le_10ms",
    "le_25ms",   "le_50ms",  "le_100ms", "le_250ms",  "le_500ms",    "le_1s",
    "le_2500ms", "le_5s",    "le_10s",   "le_30s",    "le_60s",      "longer"};

using ByEndpoint = std::map<std::string, Traffic>;

void add(Traffic& to, const Traffic& more);

/// What came between two readings of counters. One that has fallen counts from zero.
Traffic since(const Traffic& before, const Traffic& now);

/// Part `index` of `parts` that are as equal as whole numbers can be, and together the whole.
Traffic part_of(const Traffic& whole, Number index, Number parts);

/// The duration that the share `q` of requests does not exceed, in milliseconds: within a bucket by
/// straight line, as Prometheus' histogram_quantile has it; beyond the last bound, that bound.
/// Nothing: there were no requests.
std::optional<double> quantile_ms(const Traffic& traffic, double q);

std::optional<double> mean_ms(const Traffic& traffic);

}  // namespace gatehouse::history
