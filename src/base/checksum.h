// The checksum of a table that holds its own checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gatehouse {

/// XXH3-64 over all bytes, with the eight at `field` as 0. REQUIRES: field + 8 <= bytes.size().
std::uint64_t checksum_without(std::span<const std::byte> bytes, std::size_t field) noexcept;

}  // namespace gatehouse
