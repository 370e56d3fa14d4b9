// Where events go: a DSN as Sentry's settings show it.
//
//     PROTOCOL://PUBLIC_KEY[:SECRET]@HOST[:PORT][/PATH]/PROJECT
//
// Thread safety: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::sentry {

struct Dsn {
    std::string url;  ///< of the project's envelopes; without a key
    std::string public_key;
    std::string secret_key;  ///< of old DSNs; empty: none

    bool operator==(const Dsn&) const = default;
};

std::optional<Dsn> parse_dsn(std::string_view text);

/// The value of X-Sentry-Auth.
std::string auth_field(const Dsn& dsn);

}  // namespace gatehouse::sentry
