// The keys that `jwt verify` is told of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/context.h"
#include "src/auth/keyset.h"

namespace gatehouse::ctl {

struct JwtKeyPlaces {
    std::vector<std::string> files;    ///< with JWK sets
    std::vector<std::string> fetched;  ///< names of sets that the sidecar fetches
    std::string secret;                ///< a file; empty: none
    std::string secret_algorithm = "HS256";
};

/// Of all places; where none is named, the sidecar's set "default". Nothing where one cannot be
/// read: it has complained, and `status` is what to exit with.
std::optional<std::vector<auth::Keyset>> read_jwt_keys(const Context& context,
                                                       const JwtKeyPlaces& places, int& status);

}  // namespace gatehouse::ctl
