// The answers of the board that are no card. Each returns what the phase handler must return.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

#include "src/board/snapshot.h"

namespace gatehouse::board_feature {

/// 405.
ngx_int_t refuse_method(ngx_http_request_t& r);

enum class FormatError { unknown, duplicate, absent };

/// 400, with the formats that the card has.
ngx_int_t refuse_format(ngx_http_request_t& r, FormatError error, FormatSet available);

/// 503: the data are older than max_age and the stale limit together.
ngx_int_t refuse_gone(ngx_http_request_t& r, const board::SnapshotView& card);

/// 412.
ngx_int_t refuse_precondition(ngx_http_request_t& r);

/// 416.
ngx_int_t refuse_range(ngx_http_request_t& r, std::uint64_t size);

}  // namespace gatehouse::board_feature
