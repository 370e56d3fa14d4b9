#include "ngx_module/glue/ngx.h"

#include "ngx_module/explain/answer_filter.h"

#include <new>
#include <string>

#include "ngx_module/explain/request.h"
#include "ngx_module/explain/tell.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::explain_feature {

namespace {

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

void describe_own_answer(const ngx_http_request_t& r, glue::Trace& trace)
{
    auto& step = trace.add("nginx");
    const auto status = r.headers_out.status;
    if (status >= NGX_HTTP_BAD_REQUEST) {
        step.refuse(status, "nginx answers itself");
    } else {
        step.effect = glue::Effect::answers;
        step.status = status;
        step.reason = "nginx answers itself";
    }
    if (const auto* to = r.headers_out.location; to != nullptr && to->hash != 0) {
        step.facts.member("redirects_to", glue::view(to->value));
    }
}

void tell_instead(ngx_http_request_t& r)
{
    auto* explained = Explained::find(r);
    if (explained == nullptr || explained->told) {
        return;
    }
    glue::Trace trace;
    describe_place(r, trace);
    describe_own_answer(r, trace);
    explained->text = text_of(r, trace);
    begin_telling(r, *explained);
}

ngx_int_t filter_header(ngx_http_request_t* r) noexcept
{
    if (r == r->main && glue::is_explained(*r)) {
        glue::attempt<tell_instead>(r);
    }
    return next_header_filter(r);
}

void swallow(ngx_chain_t* chain) noexcept
{
    for (; chain != nullptr; chain = chain->next) {
        chain->buf->pos = chain->buf->last;
        chain->buf->file_pos = chain->buf->file_last;
    }
}

ngx_int_t filter_body(ngx_http_request_t* r, ngx_chain_t* chain) noexcept
{
    auto* explained = r == r->main && glue::is_explained(*r) ? Explained::find(*r) : nullptr;
    if (explained == nullptr || !explained->told || chain == nullptr) {
        return next_body_filter(r, chain);
    }
    swallow(chain);
    if (explained->text_sent) {
        return NGX_OK;
    }
    explained->text_sent = true;
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    if (buffer == nullptr) {
        return NGX_ERROR;
    }
    buffer->pos = glue::lend(explained->text).data;
    buffer->last = buffer->pos + explained->text.size();
    buffer->memory = 1;
    buffer->last_buf = 1;
    buffer->last_in_chain = 1;
    ngx_chain_t own{buffer, nullptr};
    return next_body_filter(r, &own);
}

}  // namespace

void put_answer_filters() noexcept
{
    if (ngx_http_top_header_filter != filter_header) {
        next_header_filter = ngx_http_top_header_filter;
        ngx_http_top_header_filter = filter_header;
        next_body_filter = ngx_http_top_body_filter;
        ngx_http_top_body_filter = filter_body;
    }
}

void take_answer_filters() noexcept
{
    if (ngx_http_top_header_filter == filter_header) {
        ngx_http_top_header_filter = next_header_filter;
        ngx_http_top_body_filter = next_body_filter;
    }
}

}  // namespace gatehouse::explain_feature
