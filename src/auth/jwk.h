// One JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
#pragma once

#include <jansson.h>

#include <optional>
#include <string>
#include <string_view>

#include "src/auth/key.h"
#include "src/base/result.h"

namespace gatehouse::auth {

/// A member that is a string; empty when it is missing or something else.
std::string_view text_member(const json_t* object, const char* name) noexcept;

/// The key; nothing when its `use` or `key_ops` say that it is not for verifying; an error that
/// says why it cannot be used, to go behind its name. REQUIRES: a JSON object.
Result<std::optional<Key>> parse_jwk(const json_t* jwk);

}  // namespace gatehouse::auth
