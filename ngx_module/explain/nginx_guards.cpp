#include "ngx_module/glue/ngx.h"

#include "ngx_module/explain/nginx_guards.h"

#include <array>
#include <span>
#include <utility>

#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::explain_feature {

namespace {

using Handlers = std::vector<ngx_http_handler_pt>;

// Of the configuration read last; workers have it by fork.
ngx_uint_t access_begins = 0;
ngx_uint_t access_ends = 0;
ngx_uint_t address_begins = 0;
Handlers access_guards;
Handlers address_handlers;

std::span<const ngx_http_handler_pt> handlers_of(const ngx_http_core_main_conf_t& core,
                                                 ngx_http_phases phase) noexcept
{
    const auto& list = core.phases[phase].handlers;
    return {static_cast<const ngx_http_handler_pt*>(list.elts), list.nelts};
}

const ngx_http_core_main_conf_t& core_of(ngx_conf_t& cf) noexcept
{
    return *static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_conf_get_module_main_conf((&cf), ngx_http_core_module));
}

/// In the order in which nginx calls them: the reverse of registration.
Handlers since(std::span<const ngx_http_handler_pt> handlers, ngx_uint_t begin)
{
    const auto later = handlers.subspan(begin);
    return {later.rbegin(), later.rend()};
}

bool satisfies_any(const ngx_http_request_t& r) noexcept
{
    const auto* core =
        static_cast<const ngx_http_core_loc_conf_t*>(r.loc_conf[ngx_http_core_module.ctx_index]);
    return core->satisfy == NGX_HTTP_SATISFY_ANY;
}

ngx_uint_t status_of(ngx_int_t result) noexcept
{
    return result == NGX_ERROR ? NGX_HTTP_INTERNAL_SERVER_ERROR : static_cast<ngx_uint_t>(result);
}

/// What nginx's guards of a location say, all of them together.
struct Verdict {
    bool let_in = false;
    ngx_uint_t status = 0;  ///< of a refusal
};

/// As ngx_http_core_access_phase().
Verdict ask_guards(ngx_http_request_t& r, bool any)
{
    Verdict verdict;
    for (const auto guard : access_guards) {
        const ngx_int_t result = guard(&r);
        if (result == NGX_DECLINED) {
            continue;
        }
        if (result == NGX_OK) {
            verdict.let_in = true;
            if (any) {
                return {.let_in = true};
            }
            continue;
        }
        const bool goes_on =
            any && (result == NGX_HTTP_FORBIDDEN || result == NGX_HTTP_UNAUTHORIZED);
        if (verdict.status != NGX_HTTP_UNAUTHORIZED || !goes_on) {
            verdict.status = status_of(result);
        }
        if (!goes_on) {
            return {.let_in = false, .status = verdict.status};
        }
    }
    return verdict;
}

void ask_any(ngx_http_request_t& r, glue::Trace& trace, glue::TraceStep& own,
             const Verdict& verdict)
{
    own.facts.member("satisfy", "any");
    if (verdict.let_in) {
        own.effect = glue::Effect::admits;
        auto& spared = trace.add("auth");
        spared.reason = "not asked: let in already, under satisfy any";
        return;
    }
    const bool final = verdict.status != 0 && verdict.status != NGX_HTTP_FORBIDDEN &&
                       verdict.status != NGX_HTTP_UNAUTHORIZED;
    r.access_code = final ? 0 : static_cast<ngx_uint_t>(verdict.status);
    glue::ask_to_explain(glue::ExplainStop::auth, r, trace);
    const auto& last = trace.steps().back();
    const bool auth_decides = &last != &own && last.effect != glue::Effect::none;
    if (verdict.status != 0 && (final || !auth_decides)) {
        own.refuse(verdict.status, "allow, deny or auth_basic");
    } else if (verdict.status != 0) {
        own.facts.member("refuses_with", verdict.status);
    }
}

}  // namespace

void note_begin_of_access(ngx_conf_t& cf) noexcept
{
    access_begins = handlers_of(core_of(cf), NGX_HTTP_ACCESS_PHASE).size();
}

void note_end_of_access(ngx_conf_t& cf)
{
    const auto handlers = handlers_of(core_of(cf), NGX_HTTP_ACCESS_PHASE);
    access_guards = since(handlers, access_begins);
    access_ends = handlers.size();
    address_begins = handlers_of(core_of(cf), NGX_HTTP_PREACCESS_PHASE).size();
}

void note_end_of_address(ngx_conf_t& cf)
{
    address_handlers = since(handlers_of(core_of(cf), NGX_HTTP_PREACCESS_PHASE), address_begins);
}

void settle_address(ngx_http_request_t& r)
{
    for (const auto handler : address_handlers) {
        handler(&r);
    }
}

void ask_for_access(ngx_http_request_t& r, glue::Trace& trace)
{
    const bool any = satisfies_any(r);
    const auto verdict = ask_guards(r, any);
    auto& own = trace.add("nginx");
    if (any) {
        ask_any(r, trace, own, verdict);
        return;
    }
    if (verdict.status != 0) {
        own.refuse(verdict.status, "allow, deny or auth_basic");
    } else if (verdict.let_in) {
        own.effect = glue::Effect::admits;
    }
    glue::ask_to_explain(glue::ExplainStop::auth, r, trace);
}

std::vector<std::string_view> not_asked(const ngx_http_request_t& r)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> counting{{
        {"ngx_http_limit_conn_module", "limit_conn"},
        {"ngx_http_limit_req_module", "limit_req"},
        {"ngx_http_auth_request_module", "auth_request"},
        {"ngx_http_mirror_module", "mirror"},
        {"ngx_http_try_files_module", "try_files"},
    }};
    std::vector<std::string_view> names;
    for (const auto& [module, directive] : counting) {
        for (auto* const* one = ngx_cycle->modules; *one != nullptr; ++one) {
            if (module == (*one)->name) {
                names.push_back(directive);
            }
        }
    }
    const auto* core =
        static_cast<const ngx_http_core_main_conf_t*>(r.main_conf[ngx_http_core_module.ctx_index]);
    if (handlers_of(*core, NGX_HTTP_ACCESS_PHASE).size() > access_ends) {
        names.emplace_back("access rules of other modules");
    }
    return names;
}

}  // namespace gatehouse::explain_feature
