// Counts requests: when each began, and at its end what became of it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

namespace gatehouse::telemetry_feature {

/// POST_READ: remembers when. Some 40 instructions and two readings of the clock a request, with
/// what follows.
ngx_int_t note_start(ngx_http_request_t& r);

/// LOG: counts a main request once, however often it was sent round; its endpoint is that of the
/// location it ended in.
ngx_int_t count_request(ngx_http_request_t& r);

std::uint16_t endpoint_of(const ngx_http_request_t& r) noexcept;

}  // namespace gatehouse::telemetry_feature
