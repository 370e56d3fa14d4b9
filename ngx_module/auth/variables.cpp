#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/variables.h"

#include <optional>
#include <string>

#include "ngx_module/auth/signed_identity.h"
#include "ngx_module/glue/identity.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/variable.h"

namespace gatehouse::auth_feature {

namespace {

using Text = std::optional<std::string_view>;

Text unless_empty(std::string_view text) noexcept
{
    return text.empty() ? Text{} : text;
}

template <std::string_view glue::Identity::*Member>
Text member(ngx_http_request_t& r)
{
    const auto* identity = glue::identity_of(r);
    return identity == nullptr ? Text{} : unless_empty(identity->*Member);
}

Text scopes(ngx_http_request_t& r)
{
    const auto* identity = glue::identity_of(r);
    return identity == nullptr ? Text{}
                               : unless_empty(glue::Pool{r.pool}.copy(identity->all_scopes()));
}

Text reason(ngx_http_request_t& r)
{
    const auto* record = glue::IdentityRecord::find(r);
    return record == nullptr ? Text{} : unless_empty(record->reason);
}

/// A variable's name is lower case and has no dots: `__` stands for one.
std::string path_of(std::string_view name)
{
    std::string path;
    while (!name.empty()) {
        const bool is_dot = name.starts_with("__");
        path += is_dot ? '.' : name.front();
        name.remove_prefix(is_dot ? 2 : 1);
    }
    return path;
}

constexpr std::string_view claim_prefix = "gate_claim_";

void claim(ngx_http_request_t& r, ngx_http_variable_value_t& value, const ngx_str_t& variable)
{
    const auto name = glue::view(variable).substr(claim_prefix.size());
    value.valid = 0;
    value.not_found = 1;
    value.no_cacheable = 0;
    const auto* identity = glue::identity_of(r);
    if (identity == nullptr || identity->claims.empty()) {
        return;
    }
    std::string text;
    if (!auth::append_claim_text(text, identity->claims.find(name)) &&
        !auth::append_claim_text(text, identity->claims.find(path_of(name)))) {
        return;
    }
    const auto copy = glue::Pool{r.pool}.copy(text);
    value.len = static_cast<unsigned>(copy.size());
    value.data = glue::lend(copy).data;
    value.valid = 1;
    value.not_found = 0;
}

}  // namespace

ngx_int_t add_auth_variables(ngx_conf_t& cf)
{
    // Not to be remembered: before the ACCESS phase nobody has an identity yet.
    constexpr glue::Variable variables[] = {
        {"gate_user", glue::variable<member<&glue::Identity::user>>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_auth_method", glue::variable<member<&glue::Identity::method>>,
         NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_auth_reason", glue::variable<reason>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_token_id", glue::variable<member<&glue::Identity::token_id>>,
         NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_scopes", glue::variable<scopes>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_plan", glue::variable<member<&glue::Identity::plan>>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_identity", glue::variable<signed_identity>, NGX_HTTP_VAR_NOCACHEABLE},
        {claim_prefix, glue::evaluate_named<claim>, NGX_HTTP_VAR_NOCACHEABLE | NGX_HTTP_VAR_PREFIX},
    };
    return glue::add_variables(cf, variables);
}

}  // namespace gatehouse::auth_feature
