#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/identity.h"

#include "ngx_module/glue/pool.h"
#include "src/auth/scopes.h"

namespace gatehouse::glue {

bool Identity::has_scope(std::string_view name) const noexcept
{
    return claims.empty() ? auth::has_scope(scopes, name) : auth::has_scope(claims, name);
}

bool Identity::has_role(std::string_view name) const noexcept
{
    return !claims.empty() && auth::has_role(claims, name);
}

std::string Identity::all_scopes() const
{
    std::string all{scopes};
    if (!claims.empty()) {
        auth::append_scopes(all, claims);
    }
    return all;
}

const IdentityRecord* IdentityRecord::find(const ngx_http_request_t& r) noexcept
{
    return Pool{r.main->pool}.find<IdentityRecord>();
}

IdentityRecord& IdentityRecord::make(ngx_http_request_t& r)
{
    auto* record = Pool{r.main->pool}.find<IdentityRecord>();
    return record != nullptr ? *record : Pool{r.main->pool}.make<IdentityRecord>();
}

const Identity* identity_of(const ngx_http_request_t& r) noexcept
{
    const auto* record = IdentityRecord::find(r);
    return record != nullptr && record->proven ? &record->identity : nullptr;
}

}  // namespace gatehouse::glue
