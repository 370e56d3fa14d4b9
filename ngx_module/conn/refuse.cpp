#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/refuse.h"

#include <string>

#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
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

void push_fields(ngx_http_request_t& r, const Rule& rule)
{
    glue::Pool pool{r.pool};
    const std::string name = '"' + rule.zone_name + '"';
    glue::push_header(
        r, "RateLimit-Policy",
        pool.copy(name + ";q=" + std::to_string(rule.limit) + ";qu=\"concurrent-requests\""));
    glue::push_header(r, "RateLimit", pool.copy(name + ";r=0;t=" + std::string{retry_after_s}));
    glue::push_header(r, "Retry-After", retry_after_s);
}

std::string and_more(std::uint64_t unsaid)
{
    return unsaid == 0 ? "" : ", " + std::to_string(unsaid) + " more since the last such line";
}

}  // namespace

ngx_int_t refuse(ngx_http_request_t& r, const ConnConf& conf, const Rule& rule)
{
    push_fields(r, rule);
    const std::string policies = "[\"" + rule.zone_name + "\"]";
    const http::ProblemMember violated{"violated-policies", policies};
    const std::string detail = "No more than " + std::to_string(rule.limit) +
                               " at once are served here; try again when one of them has ended.";
    return glue::refuse_request(r, {.status = conf.status,
                                    .detail = detail,
                                    .type = problem_type(conf.status),
                                    .extra = {&violated, 1}});
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
