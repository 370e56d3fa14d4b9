// One hit: the card, the representation that was chosen of it, and how it is put on the wire.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <memory>

#include "src/board/published.h"
#include "src/http/range.h"

namespace gatehouse::board_feature {

struct Hit {
    std::shared_ptr<const board::Published> published;
    board::Representation representation;
    Encoding encoding;
    bool format_by_accept;  ///< another Accept might have got another format
    bool ranges;            ///< this request may ask for a part
    std::int64_t age_s;
    std::int64_t ttl_s;  ///< negative when stale
};

/// Each sends the whole answer and returns what finalizes the request.
ngx_int_t send_not_modified(ngx_http_request_t& r, Hit hit);
ngx_int_t send_representation(ngx_http_request_t& r, Hit hit, const http::RangeResult& range);

}  // namespace gatehouse::board_feature
