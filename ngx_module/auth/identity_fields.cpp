#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/identity_fields.h"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include "ngx_module/glue/text.h"
#include "src/base/ascii.h"

namespace gatehouse::auth_feature {

namespace {

constexpr std::string_view signed_identity = "gate-identity";
constexpr std::string_view explain_permission = "gate-explain";

constexpr std::array<std::string_view, 8> believed{
    "x-forwarded-user",    "x-forwarded-email",
    "x-forwarded-groups",  "x-forwarded-preferred-username",
    "x-auth-request-user", "x-remote-user",
    "remote-user",         "x-user",
};

bool is_alphanumeric(char c) noexcept
{
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

/// Apps do not tell `-` from `_`, some not from `.`: all become HTTP_X_FORWARDED_USER.
bool is_named(const ngx_str_t& key, std::string_view name) noexcept
{
    const auto text = glue::view(key);
    return text.size() == name.size() &&
           std::equal(text.begin(), text.end(), name.begin(),
                      [](char a, char b) { return (is_alphanumeric(a) ? to_lower(a) : '-') == b; });
}

bool is_identity(const ngx_str_t& key, bool guarded) noexcept
{
    if (is_named(key, signed_identity) || is_named(key, explain_permission)) {
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

/// Calls with each field until told to stop; false if it was.
template <class Visit>
bool for_each_field(ngx_http_request_t& r, const Visit& visit)
{
    for (auto* part = &r.headers_in.headers.part; part != nullptr; part = part->next) {
        auto* fields = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (!visit(fields[i])) {
                return false;
            }
        }
    }
    return true;
}

bool has_identity_fields(ngx_http_request_t& r, bool guarded)
{
    return !for_each_field(
        r, [&](const ngx_table_elt_t& field) { return !is_identity(field.key, guarded); });
}

/// nginx gives a subrequest its parent's list. What this location must not believe, the parent's
/// may have to pass on.
void take_own_fields(ngx_http_request_t& r)
{
    constexpr ngx_uint_t usual_fields = 20;
    ngx_list_t own;
    if (ngx_list_init(&own, r.pool, usual_fields, sizeof(ngx_table_elt_t)) != NGX_OK) {
        throw std::bad_alloc{};
    }
    for_each_field(r, [&](const ngx_table_elt_t& field) {
        auto* copy = static_cast<ngx_table_elt_t*>(ngx_list_push(&own));
        if (copy == nullptr) {
            throw std::bad_alloc{};
        }
        *copy = field;
        return true;
    });
    auto& held = r.headers_in.headers;
    held = own;
    // A list that is one part long has its end in itself.
    if (own.last == &own.part) {
        held.last = &held.part;
    }
}

}  // namespace

void drop_identity_fields(ngx_http_request_t& r, bool guarded)
{
    if (!has_identity_fields(r, guarded)) {
        return;
    }
    if (&r != r.main) {
        take_own_fields(r);
    }
    for_each_field(r, [&](ngx_table_elt_t& field) {
        if (is_identity(field.key, guarded)) {
            drop(field);
        }
        return true;
    });
}

}  // namespace gatehouse::auth_feature
