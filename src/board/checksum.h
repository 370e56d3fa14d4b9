// The checksums of the formats of this folder, all XXH3-64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gatehouse::board {

struct ArchiveHeader;

/// Of a snapshot, with its checksum field as 0. REQUIRES: bytes holds at least a SnapshotHeader.
std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;

/// Of an archive's header, with its header_checksum as 0.
std::uint64_t header_checksum(ArchiveHeader header) noexcept;

/// `seed` is the index_checksum of the archive the beat belongs to.
std::uint64_t heartbeat_checksum(std::int64_t at_ms, std::uint64_t seed) noexcept;

}  // namespace gatehouse::board
