#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/refuse.h"

#include <string>

#include "ngx_module/glue/header.h"
#include "ngx_module/glue/problem.h"

namespace gatehouse::conn_feature {

namespace {

// A place may be free at any moment; a second is the least that the fields can say.
constexpr std::string_view retry_after_s = "1";

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

RefusalText make_text(const Rule& rule, ngx_uint_t status)
{
    const std::string name = '"' + rule.zone_name + '"';
    const std::string limit = std::to_string(rule.limit);
    const std::string policies = '[' + name + ']';
    const std::string detail =
        "No more than " + limit + " at once are served here; try again when one of them has ended.";
    const http::ProblemMember violated{"violated-policies", policies};
    http::Problem problem;
    problem.type = problem_type(status);
    problem.status = static_cast<int>(status);
    problem.detail = detail;
    problem.extra = {&violated, 1};
    return {detail, name + ";q=" + limit + ";qu=\"concurrent-requests\"",
            name + ";r=0;t=" + std::string{retry_after_s}, http::ProblemTemplate{problem}};
}

const RefusalText& text_of(const Rule& rule, ngx_uint_t status)
{
    const auto found = rule.refusals.find(status);
    return found != rule.refusals.end()
               ? found->second
               : rule.refusals.emplace(status, make_text(rule, status)).first->second;
}

std::string and_more(std::uint64_t unsaid)
{
    return unsaid == 0 ? "" : ", " + std::to_string(unsaid) + " more since the last such line";
}

}  // namespace

ngx_int_t refuse(ngx_http_request_t& r, const ConnConf& conf, const Rule& rule)
{
    const auto& text = text_of(rule, conf.status);
    glue::push_header(r, "RateLimit-Policy", text.policy);
    glue::push_header(r, "RateLimit", text.limit);
    glue::push_header(r, "Retry-After", retry_after_s);
    return glue::refuse_request(r, {.status = conf.status,
                                    .detail = text.detail,
                                    .type = problem_type(conf.status),
                                    .extra = {},
                                    .ready = &text.problem});
}

void log_refusal(ngx_http_request_t& r, const ConnConf& conf, const ZoneConf& zone)
{
    zone.refusal_level = conf.log_level;
    if (const auto unsaid = zone.refusals.ask()) {
        ngx_log_error(
            conf.log_level, r.connection->log, 0, "limiting connections%s by zone \"%s\"%s",
            conf.dry_run != 0 ? ", dry run," : "", zone.name.c_str(), and_more(*unsaid).c_str());
    }
}

void log_uncounted(ngx_http_request_t& r, const ZoneConf& zone)
{
    if (const auto unsaid = zone.uncounted.ask()) {
        ngx_log_error(
            NGX_LOG_ERR, r.connection->log, 0,
            "cap zone \"%s\" is full: a request is let in uncounted%s; give the zone more "
            "memory",
            zone.name.c_str(), and_more(*unsaid).c_str());
    }
}

void log_overdue(const ZoneConf& zone)
{
    if (const auto refused = zone.refusals.take_overdue(); refused > 0) {
        ngx_log_error(zone.refusal_level, ngx_cycle->log, 0,
                      "limiting connections by zone \"%s\": %uL more since the last such line",
                      zone.name.c_str(), refused);
    }
    if (const auto uncounted = zone.uncounted.take_overdue(); uncounted > 0) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cap zone \"%s\" is full: %uL more requests were let in uncounted",
                      zone.name.c_str(), uncounted);
    }
}

}  // namespace gatehouse::conn_feature
