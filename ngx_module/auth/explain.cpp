#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/explain.h"

#include "ngx_module/auth/conf.h"
#include "ngx_module/auth/judge.h"
#include "ngx_module/auth/module.h"
#include "ngx_module/auth/require.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/identity.h"

namespace gatehouse::auth_feature {

namespace {

void describe_identity(const glue::Identity& identity, JsonWriter& facts)
{
    facts.member("method", identity.method).member("user", identity.user);
    facts.member("token_id", identity.token_id).member("plan", identity.plan);
    facts.member("scopes", identity.all_scopes());
}

void describe_methods(const Methods& methods, JsonWriter& facts)
{
    facts.key("methods").open_array();
    if (methods.token) {
        facts.value("token");
    }
    if (methods.jwt) {
        facts.value("jwt");
    }
    facts.close_array();
}

void describe_requirements(const AuthConf& conf, JsonWriter& facts)
{
    if (!conf.requirements) {
        return;
    }
    facts.key("requires").open_array();
    for (const auto& requirement : *conf.requirements) {
        facts.value(text_of(requirement));
    }
    facts.close_array();
}

}  // namespace

void explain_access(ngx_http_request_t& r, glue::Trace& trace)
{
    const auto& conf = glue::location_conf<AuthConf>(r, ngx_http_gatehouse_auth_module);
    auto& step = trace.add("auth");
    if (!conf.is_on()) {
        return;
    }
    describe_methods(*conf.methods, step.facts);
    describe_requirements(conf, step.facts);
    const auto outcome = judge(r, conf, Purpose::explain);
    glue::IdentityRecord::make(r).reason = outcome.reason;  // for $gate_auth_reason
    if (const auto* identity = glue::identity_of(r)) {
        describe_identity(*identity, step.facts);
    }
    if (outcome.kind == Outcome::Kind::accepted) {
        step.effect = glue::Effect::admits;
        return;
    }
    if (outcome.unmet != nullptr) {
        step.facts.member("unmet", text_of(*outcome.unmet));
    }
    step.facts.member("detail", outcome.detail);
    step.refuse(outcome.kind == Outcome::Kind::unavailable
                    ? static_cast<ngx_uint_t>(NGX_HTTP_SERVICE_UNAVAILABLE)
                    : glue::status_of(error_told(r, outcome)),
                outcome.reason);
}

}  // namespace gatehouse::auth_feature
