// What content handlers that answer with a text have in common.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::glue {

/// What a content handler returns for what is neither GET nor HEAD, which are all it answers, and
/// where the request's body cannot be thrown away; nothing: go on. `what`: "Metrics are", …
std::optional<ngx_int_t> refuse_all_but_reading(ngx_http_request_t& r, std::string_view what);

/// 200 with this text. `type` and `cache_control` must live as long as the request.
ngx_int_t send_text(ngx_http_request_t& r, std::string_view type, std::string_view cache_control,
                    std::string text);

}  // namespace gatehouse::glue
