// Counts requests: when each began, and at its end what became of it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

namespace gatehouse::telemetry_feature {

/// In init_process, before the first request.
void prepare_starts(const ngx_cycle_t& cycle);

/// POST_READ: remembers when.
ngx_int_t note_start(ngx_http_request_t& r);

/// LOG: counts a main request once, however often it was sent round; its endpoint is that of the
/// location it ended in.
ngx_int_t count_request(ngx_http_request_t& r);

std::uint16_t endpoint_of(const ngx_http_request_t& r) noexcept;

}  // namespace gatehouse::telemetry_feature
