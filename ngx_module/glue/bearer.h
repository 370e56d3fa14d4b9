// What a client without the right credentials is told (RFC 6750 §3).
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>
#include <string_view>

namespace gatehouse::glue {

/// Why a request with a bearer token, or without one, is refused.
enum class BearerError {
    no_credentials,      ///< 401 without an error code
    invalid_request,     ///< 400
    invalid_token,       ///< 401
    insufficient_scope,  ///< 403
};

ngx_uint_t status_of(BearerError error) noexcept;

/// The values of WWW-Authenticate for one realm, made once.
class Challenges {
public:
    static constexpr std::string_view default_realm = "gatehouse";

    /// `scope`: what is required here, as it is shown where that is missing; may be empty.
    explicit Challenges(std::string_view realm = default_realm, std::string_view scope = {});

    std::string_view of(BearerError error) const noexcept;

private:
    std::string plain_;
    std::string invalid_request_;
    std::string invalid_token_;
    std::string insufficient_scope_;
};

/// Answers the request as glue/problem.h does, with the challenge beside those of other guards.
/// `challenge` must live as long as the request.
ngx_int_t refuse_bearer(ngx_http_request_t& r, BearerError error, std::string_view challenge,
                        std::string_view detail);

}  // namespace gatehouse::glue
