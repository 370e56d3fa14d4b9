// gate_identity_keys: the content handler that shows with which key $gate_identity is signed.
#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/directives.h"
#include "ngx_module/auth/signed_identity.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/content.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"

namespace gatehouse::auth_feature {

namespace {

ngx_int_t answer(ngx_http_request_t& r)
{
    if (const auto refused = glue::refuse_all_but_reading(r, "The keys are")) {
        return *refused;
    }
    auto keys = signing_keys();
    if (keys.empty()) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }
    return glue::send_text(r, "application/jwk-set+json", "max-age=300",
                           glue::Pool{r.pool}.make<std::string>(std::move(keys)));
}

}  // namespace

char* set_identity_keys(ngx_conf_t& cf, AuthConf& /*conf*/)
{
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf((&cf), ngx_http_core_module));
    if (core->handler != nullptr) {
        return glue::refuse(cf,
                            "\"gate_identity_keys\" stands beside another directive that "
                            "answers: give it a location of its own");
    }
    core->handler = glue::handler<answer, NGX_HTTP_INTERNAL_SERVER_ERROR>;
    return glue::accepted;
}

}  // namespace gatehouse::auth_feature
