#include "ngx_module/glue/ngx.h"

#include "ngx_module/explain/answer_filter.h"
#include "ngx_module/explain/nginx_guards.h"
#include "ngx_module/explain/request.h"
#include "ngx_module/explain/tell.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::explain_feature {

namespace {

using glue::ExplainStop;

/// Who answers what no guard has refused and the board does not have.
void describe_content(const ngx_http_request_t& r, glue::Trace& trace)
{
    const auto& core =
        *static_cast<const ngx_http_core_loc_conf_t*>(r.loc_conf[ngx_http_core_module.ctx_index]);
    auto& step = trace.add("content");
    step.effect = glue::Effect::answers;
    if (core.handler != nullptr) {
        step.facts.member("handler", "proxy_pass, or what else answers in this location");
    } else {
        step.facts.member("handler", "files");
        step.facts.member("root", glue::view(core.root));
    }
}

/// In the order of docs/phases.md.
void ask_all(ngx_http_request_t& r, glue::Trace& trace)
{
    constexpr ExplainStop before_access[] = {ExplainStop::geo, ExplainStop::conn,
                                             ExplainStop::limit_client, ExplainStop::cors};
    constexpr ExplainStop after_access[] = {ExplainStop::limit_identity, ExplainStop::board,
                                            ExplainStop::limit_miss};
    for (const auto stop : before_access) {
        glue::ask_to_explain(stop, r, trace);
    }
    if (trace.answered()) {
        return;
    }
    ask_for_access(r, trace);
    for (const auto stop : after_access) {
        glue::ask_to_explain(stop, r, trace);
        if (trace.answered()) {
            return;
        }
    }
    describe_content(r, trace);
}

ngx_int_t send(ngx_http_request_t& r, Explained& explained)
{
    begin_telling(r, explained);
    const ngx_int_t sent = ngx_http_send_header(&r);
    if (sent == NGX_ERROR || sent > NGX_OK) {
        return sent;
    }
    return ngx_http_send_special(&r, NGX_HTTP_LAST);  // the filter puts the text in its place
}

}  // namespace

ngx_int_t answer(ngx_http_request_t& r)
{
    auto* explained = Explained::find(r);
    if (explained == nullptr || &r != r.main) {
        return NGX_DECLINED;
    }
    settle_address(r);
    glue::Trace trace;
    describe_place(r, trace);
    ask_all(r, trace);
    explained->text = text_of(r, trace);
    ngx_http_finalize_request(&r, send(r, *explained));
    return NGX_DONE;
}

Explained* Explained::find(const ngx_http_request_t& r) noexcept
{
    return glue::Pool{r.main->pool}.find<Explained>();
}

Explained::~Explained()
{
    if (glue::explain_state::in_flight == 0) {
        take_answer_filters();
    }
}

}  // namespace gatehouse::explain_feature
