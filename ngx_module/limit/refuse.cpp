#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/refuse.h"

#include <string>

#include "ngx_module/glue/problem.h"
#include "src/base/json_escape.h"
#include "src/limit/fields.h"

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
    const auto seconds = std::to_string(limit::retry_after_s(charge.outcome));
    if (charge.zone_full) {
        return "Too many clients at once; try again in " + seconds + " s.";
    }
    return "The limit of " + charge.window->name + " is used up; try again in " + seconds + " s.";
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
    std::string policies = "[";
    append_json_string(policies, verdict.refusing->window->name);
    policies += ']';
    const http::ProblemMember violated{"violated-policies", policies};
    const auto detail = detail_of(*verdict.refusing);
    return glue::refuse_request(r, {.status = conf.status,
                                    .detail = detail,
                                    .type = problem_type(conf.status),
                                    .extra = {&violated, 1}});
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
