#include "ngx_module/glue/ngx.h"

#include "ngx_module/explain/tell.h"

#include <array>
#include <span>
#include <string_view>

#include "ngx_module/explain/nginx_guards.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::explain_feature {

namespace {

using glue::Effect;

const ngx_http_core_loc_conf_t& core_of(const ngx_http_request_t& r) noexcept
{
    return *static_cast<const ngx_http_core_loc_conf_t*>(
        r.loc_conf[ngx_http_core_module.ctx_index]);
}

std::string_view word_of(Effect effect) noexcept
{
    constexpr std::array<std::string_view, 5> words{"none", "admits", "delays", "refuses",
                                                    "answers"};
    return words[static_cast<std::size_t>(effect)];
}

void write_request(JsonWriter& json, const ngx_http_request_t& r)
{
    const auto* explained = Explained::find(r);
    const auto& server = r.headers_in.server;
    json.key("request").open_object();
    json.member("method", explained->permission.method)
        .member("target", explained->permission.target)
        .member("host", glue::view(server))
        .member("from", explained->permission.from)
        .close_object();
}

/// The address of an `error_page` that would take the place of this status; empty if there is none.
std::string_view error_page_of(const ngx_http_request_t& r, ngx_uint_t status) noexcept
{
    const auto& core = core_of(r);
    if (core.error_pages == nullptr || (r.error_page && !core.recursive_error_pages)) {
        return {};
    }
    const std::span pages{static_cast<const ngx_http_err_page_t*>(core.error_pages->elts),
                          core.error_pages->nelts};
    for (const auto& page : pages) {
        if (page.status == static_cast<ngx_int_t>(status)) {
            return glue::view(page.value.value);
        }
    }
    return {};
}

void write_step(JsonWriter& json, const glue::TraceStep& step, bool reached)
{
    json.open_object().member("stage", step.stage).member("verdict", word_of(step.effect));
    json.member("reached", reached);
    if (step.dry_run) {
        json.member("dry_run", true);
    }
    if (step.status != 0) {
        json.member("status", step.status);
    }
    if (!step.reason.empty()) {
        json.member("reason", step.reason);
    }
    if (step.delay_ms != 0) {
        json.member("delay_ms", step.delay_ms);
    }
    json.key("facts").raw(step.facts.text() + "}").close_object();
}

void write_answer(JsonWriter& json, const ngx_http_request_t& r, const glue::TraceStep* decisive)
{
    const bool refused = decisive != nullptr && decisive->effect == Effect::refuses;
    json.key("answer").open_object().member("verdict", refused ? "refused" : "admitted");
    if (decisive != nullptr) {
        json.member("by", decisive->stage);
        if (decisive->status != 0) {
            json.member("status", decisive->status);
        }
        if (!decisive->reason.empty()) {
            json.member("reason", decisive->reason);
        }
        if (const auto page = error_page_of(r, decisive->status); refused && !page.empty()) {
            json.member("error_page", page);
        }
    }
    json.close_object();
}

}  // namespace

void describe_place(ngx_http_request_t& r, glue::Trace& trace)
{
    const auto& core = core_of(r);
    const auto* server =
        static_cast<const ngx_http_core_srv_conf_t*>(r.srv_conf[ngx_http_core_module.ctx_index]);
    auto& location = trace.add("location");
    location.facts.member("pattern", glue::view(core.name))
        .member("server", glue::view(server->server_name))
        .member("path", glue::view(r.uri));
    if (r.internal) {
        location.facts.member("redirected", true);
    }
    if (r.err_status != 0) {
        location.facts.member("error_page_of", r.err_status);
    }
    glue::ask_to_explain(glue::ExplainStop::location, r, trace);
    auto& client = trace.add("client");
    client.facts.member("address", glue::view(r.connection->addr_text));
    glue::ask_to_explain(glue::ExplainStop::client, r, trace);
}

std::string text_of(const ngx_http_request_t& r, const glue::Trace& trace)
{
    JsonWriter json;
    json.open_object();
    write_request(json, r);
    const auto* decisive = trace.decisive();
    bool reached = true;
    json.key("steps").open_array();
    for (const auto& step : trace.steps()) {
        write_step(json, step, reached);
        reached = reached && &step != decisive;
    }
    json.close_array().key("not_asked").open_array();
    for (const auto name : not_asked(r)) {
        json.value(name);
    }
    json.close_array();
    write_answer(json, r, decisive);
    json.close_object();
    return json.take() + "\n";
}

void begin_telling(ngx_http_request_t& r, Explained& explained)
{
    explained.told = true;
    r.method = explained.wire_method;
    r.method_name = explained.wire_method_name;
    r.header_only = 0;
    r.err_status = 0;
    r.disable_not_modified = 1;
    ngx_http_clean_header(&r);
    r.headers_out.status = NGX_HTTP_OK;
    r.headers_out.content_length_n = static_cast<off_t>(explained.text.size());
    r.headers_out.content_type = glue::lend(auth::explain_media_type);
    r.headers_out.content_type_len = auth::explain_media_type.size();
    r.headers_out.content_type_lowcase = nullptr;
    glue::push_cache_control(r, "no-store");
}

}  // namespace gatehouse::explain_feature
