// What somebody asks for when they make a token, and the rules it is held to.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/types.h"
#include "sidecar/identity/token.h"
#include "src/base/result.h"

namespace gatehouse::identity {

/// Times: a duration from now ("30d"), a date ("2027-01-31", from its first second in UTC on) or an
/// instant ("2027-01-31T12:00:00Z"); for the expiry "never" too.
struct TokenRequest {
    std::string name;
    std::string user;  ///< empty: as the name
    std::vector<std::string> scopes;
    std::string plan;
    std::vector<std::string> networks;
    std::optional<std::string> expires;     ///< nothing: the default
    std::optional<std::string> not_before;  ///< nothing: at once
};

inline constexpr std::size_t longest_token_text = 128;  ///< bytes of a name or a user

/// The token without number and id. Fails with what is wrong, as one sentence.
Result<Token> checked(const TokenRequest& request, const config::Tokens& limits,
                      std::int64_t now_s);

/// When a token ends whose expiry was asked for so; nothing: never.
Result<std::optional<std::int64_t>> expiry_of(std::string_view text, const config::Tokens& limits,
                                              std::int64_t now_s);

/// Seconds of "24h" and the like.
Result<std::int64_t> overlap_of(std::string_view text);

}  // namespace gatehouse::identity
