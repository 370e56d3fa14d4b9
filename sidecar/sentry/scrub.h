// Takes secrets out of what is sent to others: by the names of fields, and out of texts.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::sentry {

inline constexpr std::string_view filtered = "[Filtered]";

/// Whether what has this name is nobody else's business: password, secret, token, authorization,
/// cookie and the like, as a word of it in any case.
bool is_secret_name(std::string_view name);

/// Without the user part of URLs, the values of secret names in `name=value` and `"name":"value"`,
/// what follows Bearer or Basic, and JSON Web Tokens.
std::string scrubbed(std::string_view text);

}  // namespace gatehouse::sentry
