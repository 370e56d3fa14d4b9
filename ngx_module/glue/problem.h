// Answers that are errors of ours: problem details (RFC 9457), or a page for a browser.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <span>
#include <string_view>

#include "src/http/problem.h"

namespace gatehouse::glue {

struct Refusal {
    ngx_uint_t status;
    std::string_view detail;  ///< one sentence for the client
    std::string_view type = "about:blank";
    std::span<const http::ProblemMember> extra = {};  ///< further members of the problem

    /// The same, made before: for what is refused a million times.
    const http::ProblemTemplate* ready = nullptr;
};

/// To be called from postconfiguration of every feature that refuses requests.
ngx_int_t prepare_refusals(ngx_conf_t& cf) noexcept;

/// What $request_id says of this request from now on; made here where nobody has asked for it
/// before. Empty unless prepare_refusals was called.
std::string_view request_id(ngx_http_request_t& r);

/// Has $request_id say `id` from now on, which must live as long as the request. Nothing happens
/// unless prepare_refusals was called.
void set_request_id(ngx_http_request_t& r, std::string_view id) noexcept;

/// Answers the request with the status, and returns what the handler of a phase must return then.
///
/// - The body is problem+json, or HTML where Accept prefers it; never cached; the request's own
/// body
///   is read and thrown away, so that the connection stays usable.
/// - Where `error_page` is configured for the status, and in subrequests, nginx answers instead.
/// - Fields such as Allow are to be pushed before.
/// - `instance` is the path as the client wrote it, without its query; `request_id` is what
///   $request_id says from then on, so that a log that has it names the same request. Where nobody
///   has asked for it before, it is made here, at a fiftieth of what nginx's own costs.
ngx_int_t refuse_request(ngx_http_request_t& r, const Refusal& refusal);

}  // namespace gatehouse::glue
