#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/content.h"

#include <new>
#include <utility>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::glue {

namespace {

std::string taken_twice(const std::string& directive)
{
    return "\"" + directive +
           "\" stands beside another directive that answers, such as \"proxy_pass\": give it a "
           "location of its own";
}

ngx_int_t refuse_method(ngx_http_request_t& r, std::string_view what)
{
    push_header(r, "Allow", "GET, HEAD");
    // nginx ends a request by what its content handler returns, also one that is ended already.
    ++r.main->count;
    const auto detail = std::string{what} + " read by GET or HEAD.";
    const ngx_int_t refused = refuse_request(r, {.status = NGX_HTTP_NOT_ALLOWED, .detail = detail});
    if (refused != NGX_DONE) {
        --r.main->count;
    }
    return refused;
}

ngx_buf_t& buffer_of(ngx_http_request_t& r, std::string_view text)
{
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r.pool));
    if (buffer == nullptr) {
        throw std::bad_alloc{};
    }
    buffer->pos = lend(text).data;
    buffer->last = buffer->pos + text.size();
    buffer->memory = 1;
    buffer->last_buf = &r == r.main ? 1 : 0;
    buffer->last_in_chain = 1;
    return *buffer;
}

}  // namespace

char* ContentLocations::take(ngx_conf_t& cf, ngx_http_handler_pt handler)
{
    std::string directive{view(words(cf)[0])};
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf((&cf), ngx_http_core_module));
    if (core->handler != nullptr) {
        return refuse(cf, taken_twice(directive));
    }
    core->handler = handler;
    taken_.push_back({core, handler, std::move(directive), place_of(cf)});
    return accepted;
}

ngx_int_t ContentLocations::check(ngx_conf_t& cf) const
{
    for (const auto& taken : taken_) {
        if (taken.location->handler != taken.handler) {
            return refuse_at(cf, taken.place, taken_twice(taken.directive));
        }
    }
    return NGX_OK;
}

std::optional<ngx_int_t> refuse_all_but_reading(ngx_http_request_t& r, std::string_view what)
{
    if ((r.method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return refuse_method(r, what);
    }
    const ngx_int_t discarded = ngx_http_discard_request_body(&r);
    return discarded == NGX_OK ? std::nullopt : std::optional{discarded};
}

ngx_int_t send_text(ngx_http_request_t& r, std::string_view type, std::string_view cache_control,
                    std::string_view text, ngx_uint_t status)
{
    auto& buffer = buffer_of(r, text);
    r.headers_out.status = status;
    r.disable_not_modified = 1;  // without a validator, conditions have nothing to go by
    r.headers_out.content_length_n = buffer.last - buffer.pos;
    r.headers_out.content_type = lend(type);
    r.headers_out.content_type_len = type.substr(0, type.find(';')).size();
    push_cache_control(r, cache_control);
    const ngx_int_t sent = ngx_http_send_header(&r);
    if (sent == NGX_ERROR || sent > NGX_OK || r.header_only) {
        return sent;
    }
    ngx_chain_t chain{&buffer, nullptr};
    return ngx_http_output_filter(&r, &chain);
}

}  // namespace gatehouse::glue
