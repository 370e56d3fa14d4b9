// What a worker says of one `gate_limit_zone` in its hello.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/limit/window.h"

namespace gatehouse::limits {

struct ZoneDescription {
    std::string name;
    std::string key = {};      ///< the expression, such as "$gate_client"
    std::string rate = {};     ///< empty: none
    std::string quota = {};    ///< empty: none
    bool rate_varies = false;  ///< holds variables: the request decides
    bool quota_varies = false;
    limit::Algorithm algorithm = limit::Algorithm::gcra;
    limit::Align align = limit::Align::first;
    bool evict = true;
    std::uint64_t bytes = 0;
    std::string file = {};                   ///< empty: memory only
    std::vector<std::uint64_t> bursts = {};  ///< of the rules that use it, each once
    std::int64_t utc_offset_ms = 0;          ///< what its workers take Unix time to be ahead by
};

inline constexpr std::size_t most_bursts = 16;

/// Reads an array of them. What is not one, or has no name that a zone can have, is left out.
std::vector<ZoneDescription> parse_zones(std::string_view json);

}  // namespace gatehouse::limits
