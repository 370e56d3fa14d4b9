// The checksum of a snapshot: XXH3-64 over all its bytes with the checksum field as 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gatehouse::board {

/// REQUIRES: bytes holds at least a SnapshotHeader.
std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;

}  // namespace gatehouse::board
