// One entry of the board, as the answer to a request.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/conf.h"
#include "ngx_module/glue/trace.h"
#include "src/board/board.h"

namespace gatehouse::board_feature {

/// What is known of a request's query.
enum class QueryFormat : bool { unknown, none };

/// Answers with the entry, or with what is wrong: method, format, conditions, range, its age.
/// REQUIRES: the caller may have it.
ngx_int_t serve(ngx_http_request_t& r, const BoardConf& conf, const board::Entry& entry,
                QueryFormat in_query = QueryFormat::unknown);

/// What serve() would do, without doing it.
void explain_serving(ngx_http_request_t& r, const BoardConf& conf, const board::Entry& entry,
                     glue::TraceStep& step);

inline bool is_read(const ngx_http_request_t& r) noexcept
{
    return (r.method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) != 0;
}

}  // namespace gatehouse::board_feature
