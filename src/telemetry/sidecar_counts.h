// What the sidecar has refused since it started, as it tells the workers, which show it among their
// metrics: the table "sidecar.counts", one line for each thing.
//
//     kind TAB name TAB number LF
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::telemetry {

inline constexpr std::string_view sidecar_counts_table = "sidecar.counts";

// Kinds.
inline constexpr std::string_view refused_keysets = "keyset";   ///< by name
inline constexpr std::string_view refused_databases = "geoip";  ///< by path

/// By kind and name.
using SidecarCounts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

/// Names with a tab or a line's end are left out.
std::string sidecar_counts_text(const SidecarCounts& counts);

/// Lines that are none are left out.
SidecarCounts parse_sidecar_counts(std::string_view text);

}  // namespace gatehouse::telemetry
