#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/bearer.h"

#include "ngx_module/glue/header.h"
#include "ngx_module/glue/problem.h"

namespace gatehouse::glue {

namespace {

/// A quoted-string (RFC 9110 §5.6.4).
std::string quoted(std::string_view text)
{
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result + '"';
}

}  // namespace

ngx_uint_t status_of(BearerError error) noexcept
{
    switch (error) {
    case BearerError::no_credentials:
    case BearerError::invalid_token: return NGX_HTTP_UNAUTHORIZED;
    case BearerError::invalid_request: return NGX_HTTP_BAD_REQUEST;
    case BearerError::insufficient_scope: return NGX_HTTP_FORBIDDEN;
    }
    return NGX_HTTP_FORBIDDEN;
}

Challenges::Challenges(std::string_view realm, std::string_view scope)
    : plain_("Bearer realm=" + quoted(realm)),
      invalid_request_(plain_ + ", error=\"invalid_request\""),
      invalid_token_(plain_ + ", error=\"invalid_token\""),
      insufficient_scope_(plain_ + ", error=\"insufficient_scope\"")
{
    if (!scope.empty()) {
        insufficient_scope_.append(", scope=").append(quoted(scope));
    }
}

std::string_view Challenges::of(BearerError error) const noexcept
{
    switch (error) {
    case BearerError::no_credentials: return plain_;
    case BearerError::invalid_request: return invalid_request_;
    case BearerError::invalid_token: return invalid_token_;
    case BearerError::insufficient_scope: return insufficient_scope_;
    }
    return plain_;
}

ngx_int_t refuse_bearer(ngx_http_request_t& r, BearerError error, std::string_view challenge,
                        std::string_view detail)
{
    push_www_authenticate(r, challenge);
    return refuse_request(r, {.status = status_of(error), .detail = detail});
}

}  // namespace gatehouse::glue
