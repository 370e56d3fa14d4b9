#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/log.h"

#include "ngx_module/glue/text.h"

namespace gatehouse::limit_feature {

namespace {

const char* dry_run_mark(const LimitConf& conf) noexcept
{
    return conf.dry_run != 0 ? ", dry run" : "";
}

std::string and_more(std::uint64_t unsaid)
{
    return unsaid == 0 ? "" : ", " + std::to_string(unsaid) + " more since the last such line";
}

}  // namespace

void log_refusal(ngx_http_request_t& r, const LimitConf& conf, const Verdict& verdict) noexcept
{
    const auto& zone = *verdict.refused_by->rule->zone;
    const auto unsaid = zone.refusals.ask();
    if (!unsaid) {
        return;
    }
    const auto name = glue::lend(verdict.refusing->window->name);
    ngx_log_error(conf.log_level, r.connection->log, 0,
                  "limiting requests%s, \"%V\" is used up in zone \"%s\"%s%s", dry_run_mark(conf),
                  &name, zone.name.c_str(), verdict.refusing->zone_full ? ": the zone is full" : "",
                  and_more(*unsaid).c_str());
}

void log_delay(ngx_http_request_t& r, const LimitConf& conf, ngx_msec_t delay_ms,
               const Verdict& verdict) noexcept
{
    const auto& zone = *verdict.state->tightest.applied->rule->zone;
    const auto unsaid = zone.delays.ask();
    if (!unsaid) {
        return;
    }
    ngx_log_error(conf.delay_log_level(), r.connection->log, 0,
                  "delaying request%s by %M ms, by zone \"%s\"%s", dry_run_mark(conf), delay_ms,
                  zone.name.c_str(), and_more(*unsaid).c_str());
}

void log_malformed(ngx_http_request_t& r, const ZoneConf& zone, const std::string& why) noexcept
{
    ngx_log_error(NGX_LOG_ERR, r.connection->log, 0,
                  "limit zone \"%s\": %s; requests with this value are not limited by it",
                  zone.name.c_str(), why.c_str());
}

void log_malformed_cost(ngx_http_request_t& r, const ZoneConf& zone, std::string_view cost) noexcept
{
    if (!zone.bad_costs.ask()) {
        return;
    }
    const auto text = glue::lend(cost.substr(0, 256));
    ngx_log_error(NGX_LOG_ERR, r.connection->log, 0,
                  "limit zone \"%s\": the cost \"%V\" is no number; such requests cost 1",
                  zone.name.c_str(), &text);
}

void log_overdue(const ZoneConf& zone) noexcept
{
    if (const auto count = zone.refusals.take_overdue(); count > 0) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "limiting requests, %uL more by zone \"%s\" since the last such line", count,
                      zone.name.c_str());
    }
}

}  // namespace gatehouse::limit_feature
