#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/refuse.h"

#include <string>
#include <unordered_map>

#include "ngx_module/glue/problem.h"
#include "src/base/json_escape.h"
#include "src/http/problem.h"

namespace gatehouse::limit_feature {

namespace {

std::string_view problem_type(ngx_uint_t status) noexcept
{
    switch (status) {
    case NGX_HTTP_TOO_MANY_REQUESTS:
        return "https://iana.org/assignments/http-problem-types#quota-exceeded";
    case NGX_HTTP_SERVICE_UNAVAILABLE:
        return "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";
    default: return "about:blank";
    }
}

std::string detail_of(const limit::Charge& charge)
{
    return charge.zone_full ? "There are too many clients at once."
                            : "The limit of " + charge.window->name + " is used up.";
}

struct RefusalText {
    std::string detail;
    http::ProblemTemplate json;
};

RefusalText make_text(ngx_uint_t status, const limit::Charge& charge)
{
    std::string policies = "[";
    append_json_string(policies, charge.window->name);
    policies += ']';
    const http::ProblemMember violated{"violated-policies", policies};
    const auto detail = detail_of(charge);
    http::Problem problem;
    problem.type = problem_type(status);
    problem.status = static_cast<int>(status);
    problem.detail = detail;
    problem.extra = {&violated, 1};
    return {detail, http::ProblemTemplate{problem}};
}

/// A window's refusals differ in little: their text is made once.
const RefusalText& text_of(ngx_uint_t status, const limit::Charge& charge)
{
    constexpr std::size_t most = 1024;  // plans may come from variables
    static std::unordered_map<std::string, RefusalText> texts;
    static std::string key;
    key.assign(charge.window->name);
    key += static_cast<char>(status - 400);
    key += charge.zone_full ? 'f' : 'u';
    if (const auto found = texts.find(key); found != texts.end()) {
        return found->second;
    }
    if (texts.size() >= most) {
        texts.clear();
    }
    return texts.emplace(key, make_text(status, charge)).first->second;
}

void on_writable(ngx_http_request_t* r) noexcept
{
    auto* event = r->connection->write;
    if (event->delayed) {
        if (ngx_handle_write_event(event, 0) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        }
        return;
    }
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

}  // namespace

ngx_int_t refuse(ngx_http_request_t& r, const LimitConf& conf, const Verdict& verdict)
{
    const auto& text = text_of(conf.status, *verdict.refusing);
    return glue::refuse_request(r, {.status = conf.status,
                                    .detail = text.detail,
                                    .type = problem_type(conf.status),
                                    .ready = &text.json});
}

ngx_int_t delay(ngx_http_request_t& r, ngx_msec_t delay_ms) noexcept
{
    if (ngx_handle_read_event(r.connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    r.read_event_handler = ngx_http_test_reading;
    r.write_event_handler = on_writable;
    r.connection->write->delayed = 1;
    ngx_add_timer(r.connection->write, delay_ms);
    return NGX_AGAIN;
}

}  // namespace gatehouse::limit_feature
