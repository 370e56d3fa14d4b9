#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/signed_identity.h"

#include <string>
#include <utility>

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/identity.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/worker_tables.h"
#include "src/auth/identity_claims.h"
#include "src/auth/identity_keys.h"
#include "src/auth/identity_signer.h"

namespace gatehouse::auth_feature {

namespace {

/// The keys in force, and what signs with each.
struct Signing {
    auth::IdentityKeys keys;
    auth::IdentitySigner before;
    std::optional<auth::IdentitySigner> after;

    auth::IdentitySigner& signer(std::int64_t now_s)
    {
        return after && now_s >= keys.switch_at_s ? *after : before;
    }
};

std::optional<Signing> signing;

Result<void> take_key(board::Table table)
{
    const auto bytes = table.memory->bytes();
    auto keys =
        auth::parse_identity_keys({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!keys) {
        return Error{"it holds no key of $gate_identity that this version knows"};
    }
    auto before = auth::IdentitySigner::from_seed(keys->before);
    if (!before) {
        return before.error();
    }
    Signing made{*std::move(keys), std::move(*before), std::nullopt};
    if (made.keys.is_changing()) {
        auto after = auth::IdentitySigner::from_seed(made.keys.after);
        if (!after) {
            return after.error();
        }
        made.after = std::move(*after);
    }
    signing = std::move(made);
    return {};
}

std::vector<std::string_view> roles_of(const auth::Claims& claims)
{
    std::vector<std::string_view> roles;
    const auto claim = claims.empty() ? auth::JsonValue{} : claims.find("roles");
    if (claim && claim.is(auth::JsonType::array)) {
        for (const auto role : claim) {
            if (role.is(auth::JsonType::string)) {
                roles.push_back(role.text());
            }
        }
    }
    return roles;
}

/// As the client wrote it; after `rewrite` and in subrequests as proxy_pass writes it. With its
/// query where it is the client's.
std::string_view path_sent_on(ngx_http_request_t& r)
{
    if (r.valid_unparsed_uri) {
        return glue::view(r.unparsed_uri);
    }
    const auto escapes = ngx_escape_uri(nullptr, r.uri.data, r.uri.len, NGX_ESCAPE_URI);
    const auto size = r.uri.len + 2 * escapes;
    auto* const text = glue::Pool{r.pool}.allocate(size);
    ngx_escape_uri(reinterpret_cast<u_char*>(text), r.uri.data, r.uri.len, NGX_ESCAPE_URI);
    return {text, size};
}

}  // namespace

void prepare_signing()
{
    glue::on_table(auth::identity_key_table, take_key);
}

std::string signing_keys()
{
    if (!signing) {
        return {};
    }
    const bool old_one = !signing->after || glue::now_ms() / 1000 < signing->keys.until_s;
    std::string list = old_one ? signing->before.public_jwk() : std::string{};
    if (signing->after) {
        list.append(list.empty() ? "" : ",").append(signing->after->public_jwk());
    }
    return R"({"keys":[)" + list + "]}";
}

std::optional<std::string_view> signed_identity(ngx_http_request_t& r)
{
    const auto* identity = glue::identity_of(r);
    if (identity == nullptr || !signing) {
        return std::nullopt;
    }
    const auto now_s = glue::now_ms() / 1000;
    const auto scopes = identity->all_scopes();
    const auto path = path_sent_on(r);
    const auto json = auth::identity_json({.user = identity->user,
                                           .method = identity->method,
                                           .token_id = identity->token_id,
                                           .plan = identity->plan,
                                           .scopes = scopes,
                                           .roles = roles_of(identity->claims),
                                           .request_method = glue::view(r.method_name),
                                           .request_path = path.substr(0, path.find('?')),
                                           .request_id = glue::request_id(*r.main)},
                                          now_s);
    std::string token;
    if (!signing->signer(now_s).append_token(token, json)) {
        return std::nullopt;
    }
    return glue::Pool{r.pool}.copy(token);
}

}  // namespace gatehouse::auth_feature
