// What a browser says of a cross-origin request.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

namespace gatehouse::cors_feature {

/// A field of the request.
struct Field {
    std::string_view value;
    unsigned lines = 0;

    bool present() const noexcept { return lines != 0; }
    bool once() const noexcept { return lines == 1; }
};

struct Question {
    Field origin;

    // Of OPTIONS alone.
    Field method;   ///< Access-Control-Request-Method
    Field headers;  ///< Access-Control-Request-Headers
};

Question read_question(const ngx_http_request_t& r) noexcept;

/// Whether the request itself is a question, and no request of the application's. Also without the
/// method in it, which a browser never leaves out.
inline bool is_preflight(const ngx_http_request_t& r, const Question& question) noexcept
{
    return r.method == NGX_HTTP_OPTIONS && question.origin.present();
}

}  // namespace gatehouse::cors_feature
