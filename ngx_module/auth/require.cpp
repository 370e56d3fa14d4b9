#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/require.h"

namespace gatehouse::auth_feature {

namespace {

bool holds(ngx_http_request_t& r, const Requirement& requirement, const glue::Identity& identity)
{
    switch (requirement.kind) {
    case Requirement::Kind::scope: return identity.has_scope(requirement.name);
    case Requirement::Kind::role: return identity.has_role(requirement.name);
    case Requirement::Kind::user: return identity.user == requirement.name;
    case Requirement::Kind::claim:
        return !identity.claims.empty() &&
               auth::claim_is(identity.claims.find(requirement.name), requirement.value);
    case Requirement::Kind::variable: {
        const auto value = requirement.variable->evaluate(r);
        return !value.empty() && value != "0";
    }
    }
    return false;
}

}  // namespace

const Requirement* unmet(ngx_http_request_t& r, const std::vector<Requirement>& requirements,
                         const glue::Identity& identity)
{
    for (const auto& requirement : requirements) {
        if (!holds(r, requirement, identity)) {
            return &requirement;
        }
    }
    return nullptr;
}

std::string text_of(const Requirement& requirement)
{
    switch (requirement.kind) {
    case Requirement::Kind::scope: return "scope:" + requirement.name;
    case Requirement::Kind::role: return "role:" + requirement.name;
    case Requirement::Kind::user: return "user:" + requirement.name;
    case Requirement::Kind::claim: return "claim:" + requirement.name + "=" + requirement.value;
    case Requirement::Kind::variable: return "variable";
    }
    return {};
}

std::string required_scopes(const std::vector<Requirement>& requirements)
{
    std::string scopes;
    for (const auto& requirement : requirements) {
        if (requirement.kind == Requirement::Kind::scope) {
            scopes.append(scopes.empty() ? "" : " ").append(requirement.name);
        }
    }
    return scopes;
}

}  // namespace gatehouse::auth_feature
