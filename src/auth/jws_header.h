// The header of a signed token (RFC 7515 §4).
#pragma once

#include <optional>
#include <string_view>

#include "src/auth/algorithm.h"
#include "src/auth/json_tape.h"
#include "src/auth/rejection.h"

namespace gatehouse::auth {

struct JwsHeader {
    Algorithm algorithm = Algorithm::hs256;
    std::optional<std::string_view> kid;
    std::optional<std::string_view> type;
};

/// Reads the parameters that count. What it points to is that of `header`.
/// REQUIRES: an object.
Rejection read_header(JsonValue header, JwsHeader& out) noexcept;

/// Whether `typ` may be that of a JWT or an access token (RFC 7519 §5.1, RFC 9068 §2.1).
bool is_jwt_type(std::string_view type) noexcept;

}  // namespace gatehouse::auth
