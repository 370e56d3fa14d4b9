#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/access.h"

#include "ngx_module/auth/conf.h"
#include "ngx_module/auth/directives.h"
#include "ngx_module/auth/identity_fields.h"
#include "ngx_module/auth/judge.h"
#include "ngx_module/auth/module.h"
#include "ngx_module/auth/query_credentials.h"
#include "ngx_module/auth/require.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/last_decision.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/text.h"
#include "src/base/ascii.h"

namespace gatehouse::auth_feature {

namespace {

const AuthConf& conf_of(const ngx_http_request_t& r) noexcept
{
    return glue::location_conf<AuthConf>(r, ngx_http_gatehouse_auth_module);
}

void report(ngx_http_request_t& r, const Outcome& outcome)
{
    const bool good = outcome.kind == Outcome::Kind::accepted;
    glue::IdentityRecord::make(r).reason = outcome.reason;
    glue::count_auth(outcome.method, good, outcome.counted);
    glue::record_decision(r, glue::Stage::auth,
                          good ? glue::Outcome::admitted : glue::Outcome::refused, outcome.counted);
    auto* noted = outcome.unmet != nullptr ? glue::last_decision(r) : nullptr;
    if (noted != nullptr) {
        noted->rule = glue::Pool{r.main->pool}.copy(text_of(*outcome.unmet));
    }
    if (!good) {
        ngx_str_t reason = glue::lend(outcome.reason);
        ngx_log_error(NGX_LOG_INFO, r.connection->log, 0, "gatehouse: not let in: %V", &reason);
    }
}

/// Under `satisfy any`: those of guards that have refused before. nginx takes back the last one
/// alone.
void drop_challenges(ngx_http_request_t& r) noexcept
{
    if (r.access_code != NGX_HTTP_UNAUTHORIZED) {
        return;
    }
    for (auto* part = &r.headers_out.headers.part; part != nullptr; part = part->next) {
        auto* fields = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (equals_ignoring_case(glue::view(fields[i].key), "www-authenticate")) {
                fields[i].hash = 0;
            }
        }
    }
}

ngx_int_t refuse(ngx_http_request_t& r, const AuthConf& conf, const Outcome& outcome)
{
    if (outcome.kind == Outcome::Kind::unavailable) {
        glue::push_header(r, "Retry-After", "1");
        return glue::refuse_request(
            r, {.status = NGX_HTTP_SERVICE_UNAVAILABLE, .detail = outcome.detail});
    }
    // auth_request takes any status but 401 and 403 for a failure of ours.
    if (outcome.error == glue::BearerError::invalid_request && &r != r.main) {
        glue::push_www_authenticate(r, conf.challenges->of(outcome.error));
        return NGX_HTTP_UNAUTHORIZED;
    }
    const auto error = error_told(r, outcome);
    return glue::refuse_bearer(r, error, conf.challenges->of(error), outcome.detail);
}

}  // namespace

ngx_int_t check_access(ngx_http_request_t& r)
{
    const auto& conf = conf_of(r);
    if (!conf.is_on()) {
        return NGX_DECLINED;
    }
    const auto outcome = judge(r, conf, Purpose::decide);
    report(r, outcome);
    if (outcome.kind != Outcome::Kind::accepted) {
        return refuse(r, conf, outcome);
    }
    drop_challenges(r);
    return NGX_OK;
}

ngx_int_t check_subrequest(ngx_http_request_t& r)
{
    const auto& conf = conf_of(r);
    if (&r == r.main || !conf.is_on()) {
        return NGX_DECLINED;
    }
    const auto outcome = judge(r, conf, Purpose::decide);
    if (outcome.kind == Outcome::Kind::accepted) {
        return NGX_DECLINED;
    }
    report(r, outcome);
    return refuse(r, conf, outcome);
}

ngx_int_t sanitize(ngx_http_request_t& r)
{
    const auto& conf = conf_of(r);
    drop_identity_fields(r, conf.is_on());
    if (&r == r.main && conf.is_on()) {
        hide_query_credentials(r, conf);
    }
    return glue::is_explained(r) ? glue::answer_explained(r) : NGX_DECLINED;
}

ngx_int_t keep_out_of_logs(ngx_http_request_t& r)
{
    if (glue::asks_to_explain(r)) [[unlikely]] {
        return glue::begin_explaining(r);
    }
    if (const auto& names = main_conf(r).query_names; !names.empty() && r.args.len != 0) {
        hide_from_request_line(r, names);
    }
    return NGX_DECLINED;
}

bool is_guarded(const ngx_http_request_t& r) noexcept
{
    return conf_of(r).is_on();
}

}  // namespace gatehouse::auth_feature
