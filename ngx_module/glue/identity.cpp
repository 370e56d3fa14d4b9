#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/identity.h"

#include "ngx_module/glue/pool.h"
#include "src/auth/scopes.h"

namespace gatehouse::glue {

namespace {

IdentityRecord* own_record(const ngx_http_request_t& r) noexcept
{
    auto* record = Pool{r.main->pool}.find<IdentityRecord>();
    while (record != nullptr && record->request != &r) {
        record = record->before;
    }
    return record;
}

IsGuarded ask_guard = nullptr;

}  // namespace

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
    for (const auto* request = &r; request != nullptr; request = request->parent) {
        if (const auto* record = own_record(*request)) {
            return record;
        }
    }
    return nullptr;
}

IdentityRecord& IdentityRecord::make(ngx_http_request_t& r)
{
    if (auto* record = own_record(r)) {
        return *record;
    }
    Pool pool{r.main->pool};
    return pool.make<IdentityRecord>(&r, pool.find<IdentityRecord>());
}

const Identity* identity_of(const ngx_http_request_t& r) noexcept
{
    const auto* record = IdentityRecord::find(r);
    return record != nullptr && record->proven ? &record->identity : nullptr;
}

void on_guarded(IsGuarded ask) noexcept
{
    ask_guard = ask;
}

bool is_guarded(const ngx_http_request_t& r) noexcept
{
    return ask_guard != nullptr && ask_guard(r);
}

}  // namespace gatehouse::glue
