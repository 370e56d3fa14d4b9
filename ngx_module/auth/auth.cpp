// Who may enter: gate_auth. Its part in nginx's start, in its phases, and in a worker's life.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/access.h"
#include "ngx_module/auth/directives.h"
#include "ngx_module/auth/explain.h"
#include "ngx_module/auth/jwt_method.h"
#include "ngx_module/auth/module.h"
#include "ngx_module/auth/signed_identity.h"
#include "ngx_module/auth/token_method.h"
#include "ngx_module/auth/used_tokens.h"
#include "ngx_module/auth/variables.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/identity.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/tick.h"

namespace gatehouse::auth_feature {

namespace {

constexpr ngx_msec_t report_interval_ms = 5000;

// What guards secrets fails closed: every handler of this feature refuses when it breaks.

ngx_int_t add_handlers(ngx_conf_t& cf)
{
    if (check_levels(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    prepare_tokens();
    prepare_jwt();
    glue::on_guarded(is_guarded);
    glue::on_explain(glue::ExplainStop::auth, explain_access);
    prepare_signing();
    if (!main_conf(cf).in_use) {
        return NGX_OK;
    }
    const bool added =
        glue::prepare_refusals(cf) == NGX_OK &&
        glue::on_phase(cf, NGX_HTTP_ACCESS_PHASE,
                       glue::handler<check_access, NGX_HTTP_FORBIDDEN>) == NGX_OK &&
        glue::on_phase(cf, NGX_HTTP_PREACCESS_PHASE,
                       glue::handler<check_subrequest, NGX_HTTP_FORBIDDEN>) == NGX_OK;
    return added ? NGX_OK : NGX_ERROR;
}

ngx_int_t add_early_handlers(ngx_conf_t& cf)
{
    constexpr ngx_int_t closed = NGX_HTTP_INTERNAL_SERVER_ERROR;
    const bool added =
        glue::on_phase(cf, NGX_HTTP_POST_READ_PHASE, glue::handler<keep_out_of_logs, closed>) ==
            NGX_OK &&
        glue::on_phase(cf, NGX_HTTP_PREACCESS_PHASE, glue::handler<sanitize, closed>) == NGX_OK;
    return added ? NGX_OK : NGX_ERROR;
}

/// Of the module that comes after telemetry's, which makes the room for what is announced.
void init_module(ngx_cycle_t& cycle)
{
    const auto* conf = static_cast<const MainConf*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_gatehouse_auth_module));
    if (conf != nullptr && conf->in_use && !ngx_test_config) {
        glue::announce_auth();
    }
}

/// Reports used tokens every few seconds.
struct Reporter {
    ngx_event_t timer{};

    void start(ngx_log_t* log)
    {
        timer.data = this;
        timer.handler = glue::on_event<Reporter, &Reporter::tick>;
        timer.log = log;
        timer.cancelable = 1;
        ngx_add_timer(&timer, report_interval_ms);
    }

    void tick()
    {
        report_used();
        if (!ngx_exiting) {
            ngx_add_timer(&timer, report_interval_ms);
        }
    }
};

Reporter reporter;

void init_process(ngx_cycle_t& cycle)
{
    if (glue::serves_requests()) {
        reporter.start(cycle.log);
    }
}

void exit_process(ngx_cycle_t& /*cycle*/)
{
    report_used();
}

ngx_http_module_t context = glue::context_of({
    .preconfiguration = glue::configure<add_auth_variables>,
    .postconfiguration = glue::configure<add_handlers>,
    .create_main_conf = glue::create<create_main_conf>,
    .create_loc_conf = glue::create<create_location_conf>,
    .merge_loc_conf = glue::merge<AuthConf, merge_location_conf>,
});

ngx_http_module_t early_context = glue::context_of({
    .postconfiguration = glue::configure<add_early_handlers>,
});

}  // namespace

}  // namespace gatehouse::auth_feature

ngx_module_t ngx_http_gatehouse_auth_module = gatehouse::glue::module_of(
    gatehouse::auth_feature::context, gatehouse::auth_feature::commands,
    {.init_process = gatehouse::glue::start<gatehouse::auth_feature::init_process>,
     .exit_process = gatehouse::glue::finish<gatehouse::auth_feature::exit_process>});

ngx_module_t ngx_http_gatehouse_auth_early_module = gatehouse::glue::module_of(
    gatehouse::auth_feature::early_context, nullptr,
    {.init_module =
         gatehouse::glue::start<gatehouse::auth_feature::init_module>});  // directives: those of
                                                                          // the other
