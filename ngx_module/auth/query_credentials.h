// Credentials in the query, where a location asks for them there: taken out before anything logs
// it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ngx_module/auth/conf.h"

namespace gatehouse::auth_feature {

struct HiddenCredential {
    std::string_view name;   ///< of the argument
    std::string_view value;  ///< decoded; what cannot be decoded is empty
};

/// Keeps the values of the arguments that the location takes credentials from, and writes asterisks
/// over them in the request line, the URI and the query, wherever they go from there: into logs,
/// and to the app. REQUIRES: a main request.
void hide_query_credentials(ngx_http_request_t& r, const AuthConf& conf);

/// What was hidden of this request, here and before internal redirects.
std::span<const HiddenCredential> hidden_credentials(const ngx_http_request_t& r) noexcept;

/// Before it is known which location a request is for: asterisks in the request line alone, which
/// only logs read, for arguments of these names.
void hide_from_request_line(ngx_http_request_t& r, const std::vector<std::string>& names);

}  // namespace gatehouse::auth_feature
