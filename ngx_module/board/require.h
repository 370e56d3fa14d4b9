// Cards with `require`: who may have them.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

namespace gatehouse::board_feature {

/// Whether the caller has proved to have all these scopes, which blanks separate. Who is not known
/// has none.
bool is_admitted(const ngx_http_request_t& r, std::string_view scopes) noexcept;

/// 401 for who is not known; 403, with the scopes, for who is. REQUIRES: the path is a card's.
ngx_int_t refuse_caller(ngx_http_request_t& r);

}  // namespace gatehouse::board_feature
