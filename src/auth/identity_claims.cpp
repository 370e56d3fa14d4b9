#include "src/auth/identity_claims.h"

#include "src/auth/identity_signer.h"
#include "src/base/json_escape.h"

namespace gatehouse::auth {

namespace {

void append_member(std::string& json, std::string_view name, std::string_view text)
{
    if (!text.empty()) {
        json.append(",\"").append(name).append("\":");
        append_json_string(json, text);
    }
}

void append_roles(std::string& json, std::span<const std::string_view> roles)
{
    if (roles.empty()) {
        return;
    }
    json += ",\"roles\":";
    char before = '[';
    for (const auto role : roles) {
        json += before;
        append_json_string(json, role);
        before = ',';
    }
    json += ']';
}

}  // namespace

std::string identity_json(const IdentityClaims& claims, std::int64_t now_s)
{
    std::string json = "{\"iss\":\"";
    json.append(identity_issuer);
    json.append("\",\"iat\":").append(std::to_string(now_s));
    json.append(",\"exp\":").append(std::to_string(now_s + identity_lifetime_s));
    append_member(json, "sub", claims.user);
    append_member(json, "method", claims.method);
    append_member(json, "token_id", claims.token_id);
    append_member(json, "plan", claims.plan);
    append_member(json, "scope", claims.scopes);
    append_roles(json, claims.roles);
    append_member(json, "htm", claims.request_method);
    append_member(json, "htu", claims.request_path);
    append_member(json, "request_id", claims.request_id);
    return json += '}';
}

std::string identity_key_bytes(std::string_view seed)
{
    return std::string{identity_key_magic}.append(seed);
}

std::string_view identity_seed(std::string_view table) noexcept
{
    const bool fits = table.starts_with(identity_key_magic) &&
                      table.size() == identity_key_magic.size() + IdentitySigner::seed_bytes;
    return fits ? table.substr(identity_key_magic.size()) : std::string_view{};
}

}  // namespace gatehouse::auth
