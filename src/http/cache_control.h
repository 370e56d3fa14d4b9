// The field Cache-Control (RFC 9111 §5.2).
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::http {

/// The same for a private cache alone: with `private`, and without what lets shared caches store it
/// (`public`, `s-maxage`) and what only speaks to them (`proxy-revalidate`). What says
/// `no-store` or an unqualified `private` stays as it is.
std::string private_cache_control(std::string_view value);

}  // namespace gatehouse::http
