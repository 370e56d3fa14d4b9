// Which claims a token must have (RFC 7519 §4.1).
#pragma once

#include <cstdint>

#include "src/auth/json_tape.h"
#include "src/auth/jwt.h"

namespace gatehouse::auth {

/// Where nothing is wrong, `expires_s` is the first second at which the token is refused. Expiry is
/// looked at last: "Token expired" is said of tokens that are good but for that.
/// REQUIRES: `claims` is an object.
Rejection check_claims(JsonValue claims, const JwtPolicy& policy, std::int64_t now_s,
                       std::int64_t& expires_s) noexcept;

}  // namespace gatehouse::auth
