// What a MaxMind DB says about itself at its end, as far as it decides where things are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/base/result.h"

namespace gatehouse::geo {

struct Metadata {
    std::uint64_t node_count = 0;
    std::uint64_t record_bits = 0;
    std::uint64_t ip_version = 0;

    std::uint64_t node_bytes() const noexcept { return record_bits / 4; }
    std::uint64_t tree_bytes() const noexcept { return node_count * node_bytes(); }
    unsigned address_bits() const noexcept { return ip_version == 6 ? 128 : 32; }
};

/// REQUIRES: `section` begins after the marker. Refuses what is damaged, missing or impossible.
Result<Metadata> read_metadata(std::span<const std::byte> section);

}  // namespace gatehouse::geo
