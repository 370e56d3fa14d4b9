// The trace as the response that gatehousectl reads.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "ngx_module/explain/request.h"
#include "ngx_module/glue/trace.h"

namespace gatehouse::explain_feature {

/// The location and the client: what is known before any guard is asked.
void describe_place(ngx_http_request_t& r, glue::Trace& trace);

/// The whole trace as JSON: the request, its steps, what was not asked, the answer it would get.
std::string text_of(const ngx_http_request_t& r, const glue::Trace& trace);

/// Makes the response's fields those of the trace, for which explained.text is.
void begin_telling(ngx_http_request_t& r, Explained& explained);

}  // namespace gatehouse::explain_feature
