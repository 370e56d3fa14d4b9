// What clients of the control API say about tokens, read strictly: an unknown key is an error, or a
// mistyped "expires" would make a token that is good for longer than was meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/identity/token_keeper.h"
#include "src/base/result.h"

namespace gatehouse::identity {

/// {"name": "…", "user": "…", "scopes": ["…"], "plan": "…", "networks": ["…"], "expires": "…",
///  "not_before": "…"}
Result<TokenRequest> parse_token_request(std::string_view json);

/// {"expires": "…", "overlap": "…"}, each optional; no text at all is as good. Without the id.
Result<RotateRequest> parse_rotate_request(std::string_view json);

/// {"TOKEN": {"user": "…", "scope": "read write", …}, …}: the form in which applications keep
/// tokens. `scope` is a text of names separated by one space, or a list; all that a token request
/// has may stand beside it. No message shows a token.
Result<std::vector<ForeignToken>> parse_foreign_tokens(std::string_view json);

struct VerifyRequest {
    std::string token;
    std::vector<std::uint8_t> address;  ///< 4 or 16 bytes; empty: not said
};

/// {"token": "…", "address": "192.0.2.1"}
Result<VerifyRequest> parse_verify_request(std::string_view json);

}  // namespace gatehouse::identity
