// Who a request is from, once a guard knows: the guard notes it, whoever decides by it reads it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>
#include <string_view>

#include "src/auth/claims.h"

namespace gatehouse::glue {

/// Views of memory that lives as long as the request.
struct Identity {
    std::string_view method;    ///< "token", "jwt"
    std::string_view user;      ///< may be empty
    std::string_view token_id;  ///< of an API token; the claim jti of a JWT
    std::string_view plan;
    std::string_view scopes;  ///< of an API token: names separated by blanks
    auth::Claims claims;      ///< of a JWT; else empty

    bool has_scope(std::string_view name) const noexcept;
    bool has_role(std::string_view name) const noexcept;

    /// All its scopes, separated by blanks.
    std::string all_scopes() const;
};

/// Of the main request; nullptr: nobody has proved who it is from. Survives internal redirects.
const Identity* identity_of(const ngx_http_request_t& r) noexcept;

/// In place of the one before.
void set_identity(ngx_http_request_t& r, const Identity& identity);

}  // namespace gatehouse::glue
