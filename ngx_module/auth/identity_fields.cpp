#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/identity_fields.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "ngx_module/glue/text.h"
#include "src/base/ascii.h"

namespace gatehouse::auth_feature {

namespace {

constexpr std::string_view signed_identity = "gate-identity";

constexpr std::array<std::string_view, 8> believed{
    "x-forwarded-user",    "x-forwarded-email",
    "x-forwarded-groups",  "x-forwarded-preferred-username",
    "x-auth-request-user", "x-remote-user",
    "remote-user",         "x-user",
};

/// Apps do not tell `-` from `_`: both become HTTP_X_FORWARDED_USER.
bool is_named(const ngx_str_t& key, std::string_view name) noexcept
{
    const auto text = glue::view(key);
    return text.size() == name.size() &&
           std::equal(text.begin(), text.end(), name.begin(),
                      [](char a, char b) { return (a == '_' ? '-' : to_lower(a)) == b; });
}

bool is_identity(const ngx_str_t& key, bool guarded) noexcept
{
    if (is_named(key, signed_identity)) {
        return true;
    }
    return guarded && std::any_of(believed.begin(), believed.end(),
                                  [&](std::string_view name) { return is_named(key, name); });
}

/// Makes it a field that no proxy passes on: nginx keeps pointers into its list of fields, so that
/// none can be taken out.
void drop(ngx_table_elt_t& field) noexcept
{
    constexpr std::string_view name = "keep-alive";
    static const ngx_uint_t hash = ngx_hash_key(glue::lend(name).data, name.size());
    field.hash = hash;
    field.key = glue::lend("Keep-Alive");
    field.lowcase_key = glue::lend(name).data;
    field.value = glue::lend("");
}

}  // namespace

void drop_identity_fields(ngx_http_request_t& r, bool guarded) noexcept
{
    for (auto* part = &r.headers_in.headers.part; part != nullptr; part = part->next) {
        auto* fields = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (is_identity(fields[i].key, guarded)) {
                drop(fields[i]);
            }
        }
    }
}

}  // namespace gatehouse::auth_feature
