#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/jwt_method.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "ngx_module/auth/board_keys.h"
#include "ngx_module/auth/jwt_cache.h"
#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/pool.h"

namespace gatehouse::auth_feature {

namespace {

/// Some MB for tokens of a usual size.
constexpr std::size_t remembered_tokens = 4096;

JwtCache& cache()
{
    static JwtCache made{remembered_tokens};
    return made;
}

auth::JwtVerifier& verifier()
{
    static const auto made = std::make_unique<auth::JwtVerifier>();
    return *made;
}

/// The request's own share: the cache may forget it while the request lasts.
glue::Identity identity_of(ngx_http_request_t& r, std::shared_ptr<const VerifiedJwt> verified)
{
    const auto& held =
        *glue::Pool{r.pool}.make<std::shared_ptr<const VerifiedJwt>>(std::move(verified));
    return {.method = "jwt",
            .user = held.user,
            .token_id = held.token_id,
            .plan = held.plan,
            .scopes = {},
            .claims = held.claims};
}

std::string text_of(const auth::Claims& claims, std::string_view name)
{
    std::string text;
    (void)auth::append_claim_text(text, claims.find(name));
    return text;
}

std::shared_ptr<const VerifiedJwt> remember(const auth::Verdict& verdict, std::string_view token,
                                            std::uint64_t use)
{
    auto verified = std::make_shared<VerifiedJwt>();
    verified->token = token;
    verified->use = use;
    verified->keys_epoch = board_keys_epoch();
    verified->expires_s = verdict.expires_s;
    const auto words = (verdict.claims.bytes() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
    verified->memory = std::make_unique<std::uint64_t[]>(words);
    verified->claims = verdict.claims.copy_to(verified->memory.get());
    verified->user = text_of(verified->claims, "sub");
    verified->plan = text_of(verified->claims, "plan");
    verified->token_id = text_of(verified->claims, "jti");
    cache().put(verified);
    return verified;
}

auth::Verdict verify(const JwtUse& use, std::string_view token, std::int64_t now_s)
{
    std::array<const auth::Keyset*, most_jwt_keys> keysets{};
    std::size_t count = 0;
    for (const auto& source : use.sources) {
        const auto* keys = source.keys ? source.keys.get() : board_keys(source.board_name);
        if (keys != nullptr) {
            keysets[count++] = keys;
        }
    }
    return verifier().verify(token, {keysets.data(), count}, use.policy, now_s);
}

void want_keys(const JwtUse& use) noexcept
{
    for (const auto& source : use.sources) {
        if (!source.keys) {
            want_board_keys(source.board_name);
        }
    }
}

bool lacks_keys(const JwtUse& use) noexcept
{
    return std::any_of(use.sources.begin(), use.sources.end(), [](const auto& source) {
        return !source.keys && board_keys(source.board_name) == nullptr;
    });
}

}  // namespace

void prepare_jwt()
{
    take_board_keys();
}

bool looks_like_jwt(std::string_view text) noexcept
{
    // Base64url of `{"`, with which a header begins; what begins otherwise is no JWT of anybody.
    return text.starts_with("ey") && text.find('.') != std::string_view::npos;
}

Outcome try_jwt(ngx_http_request_t& r, const JwtUse* use, std::string_view token)
{
    if (use == nullptr) {
        return invalid_token("no_key");
    }
    const auto now_s = glue::now_ms() / 1000;
    if (auto known = cache().find(token, use->number, board_keys_epoch(), now_s)) {
        return accepted(identity_of(r, std::move(known)));
    }
    const auto verdict = verify(*use, token, now_s);
    if (verdict) {
        return accepted(identity_of(r, remember(verdict, token, use->number)));
    }
    const auto reason = auth::reason_of(verdict.rejection);
    if (verdict.rejection == auth::Rejection::expired) {
        return expired_token(reason);
    }
    if (verdict.rejection == auth::Rejection::unknown_kid ||
        verdict.rejection == auth::Rejection::no_kid) {
        want_keys(*use);
        if (lacks_keys(*use)) {
            return unavailable("no_keys_yet");
        }
    }
    return invalid_token(reason);
}

}  // namespace gatehouse::auth_feature
