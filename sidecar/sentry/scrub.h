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

/// Without the user part of URLs, the values of secret names in `name=value`, `name: value` and
/// `"name": "value"`, what follows Bearer or Basic, JSON Web Tokens, API tokens but for their ids,
/// and keys in PEM. Where the end of a value is not known, too much is taken out: a value without
/// quotes goes on to the next blank, in a URL to `&`, and that of Cookie and Authorization to the
/// end of the line.
std::string scrubbed(std::string_view text);

}  // namespace gatehouse::sentry
