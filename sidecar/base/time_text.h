// Unix time as text for logs and messages.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::sidecar {

/// `2026-01-02T03:04:05.678Z`
std::string utc_text(std::int64_t unix_ms);

/// `03:04:05` in UTC, for "serving generation 41 from 10:20:00".
std::string utc_clock(std::int64_t unix_ms);

}  // namespace gatehouse::sidecar
