#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/log.h"

#include <algorithm>

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

/// What a client may have had a hand in, as a part of one line.
std::string printable(std::string_view text)
{
    constexpr std::size_t longest = 256;
    std::string result{text.substr(0, longest)};
    std::replace_if(
        result.begin(), result.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');
    return text.size() > longest ? result.append("...") : result;
}

void log_unsaid(const ZoneConf& zone, std::uint64_t count) noexcept
{
    if (count > 0) {
        ngx_log_error(zone.refusals_level, ngx_cycle->log, 0,
                      "limiting requests%s, %uL more by zone \"%s\" since the last such line",
                      zone.refusals_mark, count, zone.name.c_str());
    }
}

}  // namespace

void log_refusal(ngx_http_request_t& r, const LimitConf& conf, const Verdict& verdict) noexcept
{
    const auto& zone = *verdict.refused_by->rule->zone;
    zone.refusals_level = conf.log_level;
    zone.refusals_mark = dry_run_mark(conf);
    const auto unsaid = zone.refusals.ask();
    if (!unsaid) {
        return;
    }
    const auto name = glue::lend(verdict.refusing->window->name);
    ngx_log_error(conf.log_level, r.connection->log, 0,
                  "limiting requests%s, \"%V\" is used up in zone \"%s\"%s%s", zone.refusals_mark,
                  &name, zone.name.c_str(), verdict.refusing->zone_full ? ": the zone is full" : "",
                  and_more(*unsaid).c_str());
}

void log_delay(ngx_http_request_t& r, const LimitConf& conf, ngx_msec_t delay_ms,
               const Verdict& verdict) noexcept
{
    const auto& zone = *verdict.state->tightest().applied->rule->zone;
    const auto unsaid = zone.delays.ask();
    if (!unsaid) {
        return;
    }
    ngx_log_error(conf.delay_log_level(), r.connection->log, 0,
                  "delaying request%s, by %M ms, by zone \"%s\"%s", dry_run_mark(conf), delay_ms,
                  zone.name.c_str(), and_more(*unsaid).c_str());
}

void log_malformed(ngx_http_request_t& r, const ZoneConf& zone, const std::string& why)
{
    ngx_log_error(NGX_LOG_ERR, r.connection->log, 0,
                  "limit zone \"%s\": %s; requests with this value are not limited by it",
                  zone.name.c_str(), printable(why).c_str());
}

void log_malformed_cost(ngx_http_request_t& r, const ZoneConf& zone, std::string_view cost)
{
    if (!zone.bad_costs.ask()) {
        return;
    }
    ngx_log_error(NGX_LOG_ERR, r.connection->log, 0,
                  "limit zone \"%s\": the cost \"%s\" is no number; such requests cost 1",
                  zone.name.c_str(), printable(cost).c_str());
}

void log_overdue(const ZoneConf& zone) noexcept
{
    log_unsaid(zone, zone.refusals.take_overdue());
}

void log_rest(const ZoneConf& zone) noexcept
{
    log_unsaid(zone, zone.refusals.take_unsaid());
}

}  // namespace gatehouse::limit_feature
