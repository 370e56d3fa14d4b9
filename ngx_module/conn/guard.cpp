#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/guard.h"

#include "ngx_module/conn/conf.h"
#include "ngx_module/conn/module.h"
#include "ngx_module/conn/refuse.h"
#include "ngx_module/conn/request.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/worker_slot.h"
#include "src/base/ascii.h"

namespace gatehouse::conn_feature {

namespace {

using conn::Class;
using Verdict = conn::CapTable::Verdict;

conn::CapTable::Answer ask(const Rule& rule, std::string_view key, unsigned slot) noexcept
{
    auto& living = *rule.zone->living;
    living.writer.slot = slot;
    return living.zone.table().acquire(living.writer, living.zone.key(key, rule.of), rule.limit,
                                       ngx_current_msec);
}

/// One pass over the rules of a location.
class Pass {
public:
    Pass(ngx_http_request_t& r, const ConnConf& conf) noexcept
        : r_(r), conf_(conf), state_(RequestState::find(r))
    {
    }

    ngx_int_t run(unsigned slot)
    {
        if (state_ != nullptr && state_->status != Status::passed) {
            return NGX_DECLINED;  // refused before; this is the way to its error page
        }
        for (const auto& rule : *conf_.rules) {
            if (!admit(rule, slot)) {
                return on_refusal(rule);
            }
        }
        if (asked_) {
            glue::record_decision(r_, glue::Stage::conn, glue::Outcome::admitted,
                                  glue::Reason::none);
        }
        return NGX_DECLINED;
    }

private:
    Class claim()
    {
        if (!claim_) {
            claim_ = state_ != nullptr && state_->claim ? *state_->claim : claim_of(r_);
        }
        return *claim_;
    }

    /// False: refused.
    bool admit(const Rule& rule, unsigned slot)
    {
        const auto& zone = *rule.zone;
        if (zone.living == nullptr || (rule.of != Class::any && !applies(rule.of, claim()))) {
            return true;
        }
        if (state_ != nullptr && state_->holds(zone, rule.of)) {
            return true;  // counted on its way here
        }
        const auto key = zone.key->evaluate(r_);
        if (key.empty()) {
            return true;
        }
        if (state_ == nullptr) {
            state_ = &RequestState::make(r_);
        }
        if (claim_) {
            state_->claim = claim_;
        }
        asked_ = true;
        const auto answer = ask(rule, key, slot);
        if (answer.verdict == Verdict::admitted) {
            state_->add(r_, zone, rule.of, answer.hold);
        } else if (answer.verdict == Verdict::no_room) {
            log_uncounted(r_, zone);
            glue::record_decision(r_, glue::Stage::conn, glue::Outcome::admitted,
                                  glue::Reason::zone_full);
        }
        return answer.verdict != Verdict::refused;
    }

    ngx_int_t on_refusal(const Rule& rule)
    {
        const bool dry_run = conf_.dry_run != 0;
        state_->leave_all();
        state_->status = dry_run ? Status::rejected_dry_run : Status::rejected;
        log_refusal(r_, conf_, *rule.zone);
        glue::count_cap_rejected(rule.zone->telemetry);
        glue::record_decision(r_, glue::Stage::conn,
                              dry_run ? glue::Outcome::dry_run : glue::Outcome::refused,
                              glue::Reason::concurrency, rule.zone->telemetry);
        return dry_run ? NGX_DECLINED : refuse(r_, conf_, rule);
    }

    ngx_http_request_t& r_;
    const ConnConf& conf_;
    RequestState* state_;
    std::optional<Class> claim_;
    bool asked_ = false;
};

Class what_it_became(const ngx_http_request_t& r) noexcept
{
    if (r.headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS) {
        return Class::websocket;
    }
    const auto type = glue::view(r.headers_out.content_type);
    const auto media_type = trim_ows(type.substr(0, type.find(';')));
    return equals_ignoring_case(media_type, "text/event-stream") ? Class::sse : Class::http;
}

}  // namespace

ngx_int_t check_caps(ngx_http_request_t& r)
{
    const auto& conf = glue::location_conf<ConnConf>(r, ngx_http_gatehouse_conn_module);
    // A subrequest is a part of a request that is counted.
    if (conf.rules == nullptr || &r != r.main) {
        return NGX_DECLINED;
    }
    const auto slot = glue::worker_slot();
    return slot ? Pass{r, conf}.run(*slot) : NGX_DECLINED;
}

void settle_claim(ngx_http_request_t& r)
{
    auto* state = RequestState::find(r);
    if (state == nullptr || state->claim.value_or(Class::http) == Class::http) {
        return;
    }
    state->leave(what_it_became(r) == *state->claim ? Class::http : *state->claim);
    state->claim = Class::http;
}

}  // namespace gatehouse::conn_feature
