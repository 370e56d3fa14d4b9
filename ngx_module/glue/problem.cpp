#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/problem.h"

#include <new>
#include <span>
#include <string>

#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "src/http/accept.h"
#include "src/http/problem.h"

namespace gatehouse::glue {

namespace {

bool has_error_page(const ngx_http_request_t& r, ngx_uint_t status) noexcept
{
    const auto* core =
        static_cast<const ngx_http_core_loc_conf_t*>(r.loc_conf[ngx_http_core_module.ctx_index]);
    if (r.error_page || core->error_pages == nullptr || r.uri_changes == 0) {
        return false;
    }
    const std::span pages{static_cast<const ngx_http_err_page_t*>(core->error_pages->elts),
                          core->error_pages->nelts};
    for (const auto& page : pages) {
        if (page.status == static_cast<ngx_int_t>(status)) {
            return true;
        }
    }
    return false;
}

std::string_view request_id(ngx_http_request_t& r) noexcept
{
    ngx_str_t name = ngx_string("request_id");
    const auto* value = ngx_http_get_variable(&r, &name, ngx_hash_key(name.data, name.len));
    if (value == nullptr || value->not_found) {
        return {};
    }
    return {reinterpret_cast<const char*>(value->data), value->len};
}

std::string_view path_as_written(const ngx_http_request_t& r) noexcept
{
    const auto uri = view(r.unparsed_uri);
    return uri.substr(0, uri.find('?'));
}

/// `body` must live as long as the request.
ngx_int_t send(ngx_http_request_t& r, ngx_uint_t status, std::string_view type,
               std::string_view body)
{
    r.headers_out.status = status;
    r.err_status = 0;
    r.headers_out.content_length_n = static_cast<off_t>(body.size());
    r.headers_out.content_type = lend(type);
    r.headers_out.content_type_len = type.substr(0, type.find(';')).size();
    r.headers_out.content_type_lowcase = nullptr;

    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r.pool));
    if (buffer == nullptr) {
        throw std::bad_alloc{};
    }
    buffer->pos = lend(body).data;
    buffer->last = buffer->pos + body.size();
    buffer->memory = 1;
    buffer->last_buf = 1;
    buffer->last_in_chain = 1;

    const ngx_int_t sent = ngx_http_send_header(&r);
    if (sent == NGX_ERROR || sent > NGX_OK || r.header_only) {
        return sent;
    }
    ngx_chain_t chain{buffer, nullptr};
    return ngx_http_output_filter(&r, &chain);
}

}  // namespace

ngx_int_t refuse_request(ngx_http_request_t& r, const Refusal& refusal)
{
    if (&r != r.main || has_error_page(r, refusal.status)) {
        return static_cast<ngx_int_t>(refusal.status);
    }
    const bool html = http::prefers_html(accept(r));
    http::Problem problem;
    problem.type = refusal.type;
    problem.status = static_cast<int>(refusal.status);
    problem.detail = refusal.detail;
    problem.instance = path_as_written(r);
    problem.request_id = request_id(r);
    problem.extra = refusal.extra;
    const auto text = html ? http::problem_html(problem) : http::problem_json(problem);
    const auto body = Pool{r.pool}.copy(text);
    push_cache_control(r, "no-store");

    // As nginx does for its own errors: no "100 Continue" for a body nobody wants.
    r.expect_tested = 1;
    if (ngx_http_discard_request_body(&r) != NGX_OK) {
        r.keepalive = 0;
    }
    const auto type = html ? http::problem_html_type : http::problem_json_type;
    ngx_http_finalize_request(&r, send(r, refusal.status, type, body));
    return NGX_DONE;
}

}  // namespace gatehouse::glue
