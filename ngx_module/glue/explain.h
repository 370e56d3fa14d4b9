// Requests that are explained instead of served: who asks guards about them, and how guards answer
// without charging, counting or remembering anything.
//
// Nothing here costs an ordinary request more than a comparison or two: see asks_to_explain() and
// is_explained(), which stand where a handler of ours runs anyway.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <cstring>

#include "ngx_module/glue/trace.h"
#include "src/auth/explain_permission.h"

namespace gatehouse::glue {

// --- for features that guard or answer ---

/// Where features are asked, in the order in which they act on a request.
enum class ExplainStop : std::uint8_t {
    location,
    client,
    geo,
    conn,
    limit_client,
    cors,
    auth,
    limit_identity,
    board,
    limit_miss,
};
inline constexpr std::size_t explain_stops = 10;

/// Adds the steps of a feature. Must leave everything as it is but for the request's own memory.
using Explain = void (*)(ngx_http_request_t& r, Trace& trace);

/// From postconfiguration. The same stop again replaces.
void on_explain(ExplainStop stop, Explain explain) noexcept;

namespace explain_state {

/// Requests of this worker that are being explained.
extern unsigned in_flight;

bool is_marked(const ngx_http_request_t& r) noexcept;

}  // namespace explain_state

/// Whether the request, or the one that it is a subrequest of, is explained. Two instructions where
/// none is.
inline bool is_explained(const ngx_http_request_t& r) noexcept
{
    return explain_state::in_flight != 0 && explain_state::is_marked(r);
}

/// Whether a request looks like a question of gatehousectl. Two instructions for all but paths of
/// that length.
inline bool asks_to_explain(const ngx_http_request_t& r) noexcept
{
    constexpr auto path = auth::explain_path;
    return r.uri.len == path.size() && std::memcmp(r.uri.data, path.data(), path.size()) == 0;
}

// --- for the feature that explains ---

/// Its part in the phases, where it has no handlers of its own. Without it nothing is explained.
struct Explainer {
    /// POST_READ, the first of all: makes the request the one that is asked about, where it may be.
    ngx_int_t (*begin)(ngx_http_request_t& r);
    /// PREACCESS, of a request that is explained: tells how it would go on.
    ngx_int_t (*answer)(ngx_http_request_t& r);
};
void set_explainer(const Explainer& explainer) noexcept;
ngx_int_t begin_explaining(ngx_http_request_t& r);
ngx_int_t answer_explained(ngx_http_request_t& r);

/// Marks the request as explained until its end.
void mark_explained(ngx_http_request_t& r);

/// Asks the feature of a stop, if there is one.
void ask_to_explain(ExplainStop stop, ngx_http_request_t& r, Trace& trace);

}  // namespace gatehouse::glue
