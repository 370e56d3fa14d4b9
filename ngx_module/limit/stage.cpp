#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/stage.h"

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/limit/log.h"
#include "ngx_module/limit/module.h"
#include "ngx_module/limit/refuse.h"
#include "ngx_module/limit/request.h"
#include "ngx_module/limit/verdict.h"

namespace gatehouse::limit_feature {

namespace {

using glue::LimitCounter;

glue::Reason reason_of(const limit::Charge& charge) noexcept
{
    if (charge.zone_full) {
        return glue::Reason::zone_full;
    }
    return charge.window->algorithm == limit::Algorithm::rate ? glue::Reason::rate
                                                              : glue::Reason::quota;
}

/// Counts a verdict under each zone that shared in it.
void count(std::span<const Applied> applied, LimitCounter what) noexcept
{
    for (const auto& one : applied) {
        glue::count_limit(one.rule->zone->telemetry, what);
    }
}

ngx_int_t on_refusal(ngx_http_request_t& r, const LimitConf& conf, const Verdict& verdict,
                     Stage stage)
{
    const bool dry_run = conf.dry_run != 0;
    const auto zone = verdict.refused_by->rule->zone->telemetry;
    log_refusal(r, conf, verdict);
    glue::record_decision(r, glue::Stage::limit,
                          dry_run ? glue::Outcome::dry_run : glue::Outcome::refused,
                          reason_of(*verdict.refusing), zone);
    glue::count_limit(zone, LimitCounter::rejected);
    glue::refused_key(zone, verdict.refused_by->key);
    verdict.state->note(dry_run ? Status::rejected_dry_run : Status::rejected);
    if (dry_run) {
        return NGX_DECLINED;
    }
    verdict.state->refused = true;
    take_back_other_stages(*verdict.state, stage);
    return refuse(r, conf, verdict);
}

ngx_int_t on_delay(ngx_http_request_t& r, const LimitConf& conf, const Verdict& verdict,
                   std::span<const Applied> applied)
{
    const bool dry_run = conf.dry_run != 0;
    log_delay(r, conf, verdict.delay_ms, verdict);
    glue::record_decision(
        r, glue::Stage::limit, dry_run ? glue::Outcome::dry_run : glue::Outcome::delayed,
        glue::Reason::rate, verdict.state->tightest().applied->rule->zone->telemetry);
    count(applied, LimitCounter::delayed);
    verdict.state->note(dry_run ? Status::delayed_dry_run : Status::delayed);
    return dry_run ? NGX_DECLINED : delay(r, verdict.delay_ms);
}

}  // namespace

template <Stage Which>
ngx_int_t check_limits(ngx_http_request_t& r)
{
    const auto& conf = glue::location_conf<LimitConf>(r, ngx_http_gatehouse_limit_module);
    // A subrequest is a part of a request that has been charged.
    if (conf.rules == nullptr || &r != r.main) {
        return NGX_DECLINED;
    }
    const auto& rules = conf.rules->of(Which);
    if (rules.rules.empty()) {
        return NGX_DECLINED;
    }
    auto* state = RequestState::find(r);
    // Once in a request's life, however often error_page, try_files or index send it round.
    if (state != nullptr && (state->refused || !state->applied(Which).empty())) {
        return NGX_DECLINED;
    }
    const auto verdict = ask(r, rules, Which, state);
    if (verdict.state == nullptr) {
        return NGX_DECLINED;
    }
    const auto applied = verdict.state->applied(Which);
    if (verdict.refusing != nullptr) {
        return on_refusal(r, conf, verdict, Which);
    }
    if (verdict.delay_ms > 0) {
        return on_delay(r, conf, verdict, applied);
    }
    count(applied, LimitCounter::passed);
    glue::record_decision(r, glue::Stage::limit, glue::Outcome::admitted, glue::Reason::none);
    return NGX_DECLINED;
}

template ngx_int_t check_limits<Stage::client>(ngx_http_request_t& r);
template ngx_int_t check_limits<Stage::identity>(ngx_http_request_t& r);
template ngx_int_t check_limits<Stage::miss>(ngx_http_request_t& r);

ngx_int_t count_by_status(ngx_http_request_t& r)
{
    auto* state = RequestState::find(r);
    // Subrequests come here as well where log_subrequest is on.
    if (&r == r.main && state != nullptr && !state->refused) {
        charge_by_status(*state, r.err_status != 0 ? r.err_status : r.headers_out.status);
    }
    return NGX_OK;
}

}  // namespace gatehouse::limit_feature
