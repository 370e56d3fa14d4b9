#include "src/auth/rejection.h"

#include <array>
#include <cstddef>

namespace gatehouse::auth {

std::string_view reason_of(Rejection rejection) noexcept
{
    constexpr std::array<std::string_view, rejection_count> words{
        "ok",        "malformed",     "too_large",    "header_parameter",
        "type",      "algorithm",     "unknown_kid",  "no_kid",
        "signature", "claim_type",    "no_expiry",    "issuer",
        "audience",  "not_yet_valid", "issued_ahead", "expired",
    };
    return words[static_cast<std::size_t>(rejection)];
}

std::string_view client_message(Rejection rejection) noexcept
{
    return rejection == Rejection::expired ? "Token expired" : "Invalid token";
}

}  // namespace gatehouse::auth
