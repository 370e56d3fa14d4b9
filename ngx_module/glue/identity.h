// Who a request is from, once a guard knows: the guard notes it, whoever decides by it reads it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <memory>
#include <string>
#include <string_view>

#include "src/auth/claims.h"

namespace gatehouse::glue {

/// Views of what `keeper` keeps.
struct Identity {
    std::string_view method;    ///< "token", "jwt"
    std::string_view user;      ///< may be empty
    std::string_view token_id;  ///< of an API token; the claim jti of a JWT
    std::string_view plan;
    std::string_view scopes;  ///< of an API token: names separated by blanks
    auth::Claims claims;      ///< of a JWT; else empty
    std::shared_ptr<const void> keeper;

    bool has_scope(std::string_view name) const noexcept;
    bool has_role(std::string_view name) const noexcept;

    /// All its scopes, separated by blanks.
    std::string all_scopes() const;
};

/// What is known of a request's credentials. Kept for its life, over internal redirects.
struct IdentityRecord {
    Identity identity;
    bool proven = false;      ///< there is an identity
    std::string_view reason;  ///< how the last look at its credentials went, in a word

    /// Of the main request; nullptr: nobody has looked.
    static const IdentityRecord* find(const ngx_http_request_t& r) noexcept;
    static IdentityRecord& make(ngx_http_request_t& r);
};

/// nullptr: nobody has proved who the request is from.
const Identity* identity_of(const ngx_http_request_t& r) noexcept;

}  // namespace gatehouse::glue
