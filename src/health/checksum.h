// Shared by who reads and who makes a table of health.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gatehouse::health {

/// XXH3-64 with the checksum field as 0. REQUIRES: bytes hold at least a HealthHeader.
std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;

}  // namespace gatehouse::health
