// What content handlers that answer with a text have in common.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::glue {

/// The locations whose content a directive has taken: in the main configuration of its feature.
class ContentLocations {
public:
    /// Makes `handler` the content of the location that is being read, or says that there is one.
    char* take(ngx_conf_t& cf, ngx_http_handler_pt handler);

    /// From postconfiguration: nginx lets the last directive of a location win that sets its
    /// handler, without a word.
    ngx_int_t check(ngx_conf_t& cf) const;

private:
    struct Taken {
        const ngx_http_core_loc_conf_t* location;
        ngx_http_handler_pt handler;
        std::string directive;
        std::string place;  ///< "FILE:LINE"
    };
    std::vector<Taken> taken_;
};

/// What a content handler returns for what is neither GET nor HEAD, which are all it answers, and
/// where the request's body cannot be thrown away; nothing: go on. `what`: "Metrics are", …
std::optional<ngx_int_t> refuse_all_but_reading(ngx_http_request_t& r, std::string_view what);

/// Answers with this text. It, `type` and `cache_control` must live as long as the request.
ngx_int_t send_text(ngx_http_request_t& r, std::string_view type, std::string_view cache_control,
                    std::string_view text, ngx_uint_t status = NGX_HTTP_OK);

}  // namespace gatehouse::glue
