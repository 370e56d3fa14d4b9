#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/judge.h"

#include <utility>

#include "ngx_module/auth/credentials.h"
#include "ngx_module/auth/jwt_method.h"
#include "ngx_module/auth/require.h"
#include "ngx_module/auth/token_method.h"
#include "ngx_module/auth/used_tokens.h"
#include "src/base/ascii.h"

namespace gatehouse::auth_feature {

namespace {

Outcome try_methods(ngx_http_request_t& r, const AuthConf& conf, std::string_view text,
                    Purpose purpose)
{
    const auto& methods = *conf.methods;
    const bool is_jwt = methods.jwt && (!methods.token || looks_like_jwt(text));
    auto outcome = is_jwt ? try_jwt(conf.jwt.get(), text, purpose) : try_token(r, text);
    outcome.method = is_jwt ? telemetry::AuthMethod::jwt : telemetry::AuthMethod::token;
    return outcome;
}

Outcome malformed_request()
{
    return {.reason = "malformed_request",
            .error = glue::BearerError::invalid_request,
            .detail = "The request must have one token, in one place.",
            .counted = glue::Reason::malformed};
}

Outcome try_request(ngx_http_request_t& r, const AuthConf& conf, Purpose purpose)
{
    const auto credential = find_credential(r, conf);
    switch (credential.kind) {
    case Credential::Kind::none:
        return {.reason = "no_credentials",
                .error = glue::BearerError::no_credentials,
                .detail = "This answer needs a token.",
                .counted = glue::Reason::no_credentials};
    case Credential::Kind::malformed: return malformed_request();
    case Credential::Kind::one: break;
    }
    auto outcome = try_methods(r, conf, credential.text, purpose);
    const bool can_be = outcome.kind != Outcome::Kind::refused || !credential.is_bearer ||
                        is_bearer_token(trim_ows_at_end(credential.text));
    return can_be ? outcome : malformed_request();
}

}  // namespace

Outcome judge(ngx_http_request_t& r, const AuthConf& conf, Purpose purpose)
{
    auto outcome = try_request(r, conf, purpose);
    auto& record = glue::IdentityRecord::make(r);
    // What a location before an internal redirect believed is no more than that.
    record.proven = outcome.kind == Outcome::Kind::accepted;
    if (!record.proven) {
        return outcome;
    }
    // Before the requirements: their variables may be about the identity.
    record.identity = std::move(outcome.identity);
    if (outcome.method == telemetry::AuthMethod::token && purpose == Purpose::decide) {
        note_used(record.identity.token_id);
    }
    outcome.unmet = conf.requirements ? unmet(r, *conf.requirements, record.identity) : nullptr;
    if (outcome.unmet != nullptr) {
        outcome.kind = Outcome::Kind::refused;
        outcome.reason = "insufficient_scope";
        outcome.error = glue::BearerError::insufficient_scope;
        outcome.detail = "The token does not have what this answer requires.";
        outcome.counted = glue::Reason::insufficient_scope;
    }
    return outcome;
}

glue::BearerError error_told(const ngx_http_request_t& r, const Outcome& outcome) noexcept
{
    const bool other_way = outcome.error == glue::BearerError::insufficient_scope &&
                           r.access_code == NGX_HTTP_UNAUTHORIZED;
    return other_way ? glue::BearerError::no_credentials : outcome.error;
}

}  // namespace gatehouse::auth_feature
