// Unix time as text in the form of ISO 8601.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse {

/// `2026-01-02T03:04:05.678901`, UTC. REQUIRES: a time in the years 0 to 9999.
void append_iso_time(std::string& out, std::int64_t unix_us);

/// `digits` decimal digits of the number, with zeros before; 8 at most.
void append_padded(std::string& out, std::uint64_t number, unsigned digits);

}  // namespace gatehouse
