// Durations and sizes as a configuration writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::sidecar {

inline constexpr std::uint64_t largest_size = std::uint64_t{1} << 62;

/// "500ms", "30s", "5m", "1h30m", "1d", "2w": whole numbers with units, larger before smaller, each
/// at most once. Nothing when `text` is not one, or is over ten years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Bytes: "4096", "512k", "10m", "1g", "2t" in either case, powers of 1024 as in nginx. Nothing
/// when `text` is not one, or is over 2^62.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// The shortest text that parse_duration reads back: 5'400'000 ms is "1h30m".
/// REQUIRES: duration >= 0.
std::string format_duration(std::chrono::milliseconds duration);

/// The shortest text that parse_size reads back: 10'485'760 is "10m".
std::string format_size(std::uint64_t bytes);

}  // namespace gatehouse::sidecar
