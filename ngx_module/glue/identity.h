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
///
/// A subrequest has its own where its own location has looked: that one may believe another issuer
/// than its parent's, which goes on with what it knows.
struct IdentityRecord {
    const ngx_http_request_t* request = nullptr;
    IdentityRecord* before = nullptr;  ///< of another of the requests that belong together

    Identity identity{};
    bool proven = false;        ///< there is an identity
    std::string_view reason{};  ///< how the last look at its credentials went, in a word

    /// Of the request, or of the one that it is a subrequest of; nullptr: nobody has looked.
    static const IdentityRecord* find(const ngx_http_request_t& r) noexcept;

    /// The request's own.
    static IdentityRecord& make(ngx_http_request_t& r);
};

/// nullptr: nobody has proved who the request is from.
const Identity* identity_of(const ngx_http_request_t& r) noexcept;

/// Whether the location that a request is in asks who it is from, by what the guard of identities
/// says: false without one.
using IsGuarded = bool (*)(const ngx_http_request_t& r) noexcept;
void on_guarded(IsGuarded ask) noexcept;
bool is_guarded(const ngx_http_request_t& r) noexcept;

}  // namespace gatehouse::glue
