// The payload of `hello`: what a worker says about itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::sidecar {

struct Hello {
    std::int64_t pid = 0;
    std::int64_t slot = 0;    ///< nginx's number of the worker
    std::int64_t master = 0;  ///< and its master process; 0: not told
    std::string prefix;       ///< nginx's, which people know it by
    std::string nginx;        ///< versions, for people
    std::string module;
    std::uint64_t generation = 0;  ///< the newest it holds
    std::string limit_zones;       ///< JSON of an array, for who knows limits; empty: none told
    std::string geoip;             ///< the same, for who knows databases
};

/// Takes a peer's bytes. Members that are absent or of another type keep their defaults; what is no
/// JSON object is an error.
Result<Hello> parse_hello(std::string_view payload);

}  // namespace gatehouse::sidecar
