// Credentials in the query, where a location asks for them there: taken out before anything logs
// it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <span>
#include <string_view>

#include "ngx_module/auth/conf.h"

namespace gatehouse::auth_feature {

/// Keeps the values of the arguments that the location takes credentials from, and writes asterisks
/// over them in the request line, the URI and the query, wherever they go from there: into logs,
/// and to the app. REQUIRES: a main request.
void hide_query_credentials(ngx_http_request_t& r, const AuthConf& conf);

/// What was hidden, decoded. One that cannot be decoded is empty.
std::span<const std::string_view> hidden_credentials(const ngx_http_request_t& r) noexcept;

}  // namespace gatehouse::auth_feature
