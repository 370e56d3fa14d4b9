#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/jwt_method.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "ngx_module/auth/board_keys.h"
#include "ngx_module/auth/credential_cache.h"
#include "ngx_module/glue/clock.h"

namespace gatehouse::auth_feature {

namespace {

/// Memory that is used again where it fits: a token at first sight takes the place of another.
class Room {
public:
    /// Aligned as any.
    char* of(std::size_t size)
    {
        // Much larger than what it is for, it would be kept for one long token of once.
        if (size > size_ || size_ > 4 * size + spare) {
            size_ = size + spare;
            memory_.reset(new char[size_]);
        }
        return memory_.get();
    }

private:
    static constexpr std::size_t spare = 256;

    std::unique_ptr<char[]> memory_;
    std::size_t size_ = 0;
};

/// A token that was good, by a location's rules and the keys of that time.
struct VerifiedJwt {
    Room room;  ///< what all texts and the claims are views of
    std::string_view text;
    std::uint64_t use = 0;  ///< JwtUse::number
    std::uint64_t keys_epoch = 0;
    std::int64_t expires_s = 0;  ///< the first second at which it is refused
    auth::Claims claims;
    std::string_view user, plan, token_id;
};

using Cache = CredentialCache<VerifiedJwt>;

Cache& cache()
{
    static Cache made{remembered_credentials};
    return made;
}

auth::JwtVerifier& verifier()
{
    static const auto made = std::make_unique<auth::JwtVerifier>();
    return *made;
}

glue::Identity identity_of(std::shared_ptr<const VerifiedJwt> verified)
{
    const auto& jwt = *verified;
    return {.method = "jwt",
            .user = jwt.user,
            .token_id = jwt.token_id,
            .plan = jwt.plan,
            .scopes = {},
            .claims = jwt.claims,
            .keeper = std::move(verified)};
}

/// nullptr: not known, or no longer good.
const std::shared_ptr<const VerifiedJwt>* remembered(const Cache::Place& place,
                                                     std::string_view token, const JwtUse& use,
                                                     std::int64_t now_s)
{
    const auto* known = cache().find(place, token);
    const bool good = known != nullptr && (*known)->use == use.number &&
                      (*known)->keys_epoch == board_keys_epoch() && now_s < (*known)->expires_s;
    return good ? known : nullptr;
}

/// When the first of the fetched sets is no longer believed.
std::int64_t keys_until_s(const JwtUse& use) noexcept
{
    auto until = std::numeric_limits<std::int64_t>::max();
    for (const auto& source : use.sources) {
        if (!source.keys && board_keys(source.board_name) != nullptr) {
            until = std::min(until, board_keys_until_s(source.board_name));
        }
    }
    return until;
}

std::shared_ptr<const VerifiedJwt> remember(const Cache::Place& place, const auth::Verdict& verdict,
                                            std::string_view token, const JwtUse& use)
{
    auto verified = cache().make_room(place);
    const auto claims_size = verdict.claims.bytes();
    auto* const memory = verified->room.of(claims_size + token.size());
    std::memcpy(memory + claims_size, token.data(), token.size());
    verified->text = {memory + claims_size, token.size()};
    verified->use = use.number;
    verified->keys_epoch = board_keys_epoch();
    verified->expires_s = std::min(verdict.expires_s, keys_until_s(use));
    verified->claims = verdict.claims.copy_to(memory);
    const auto claims = verified->claims.root();
    verified->user = auth::claim_text(claims.member("sub"));
    verified->plan = auth::claim_text(claims.member("plan"));
    verified->token_id = auth::claim_text(claims.member("jti"));
    cache().put(place, verified);
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

Outcome try_jwt(const JwtUse* use, std::string_view token, Purpose purpose)
{
    if (use == nullptr) {
        return invalid_token("no_key");
    }
    const auto now_s = glue::now_ms() / 1000;
    const auto place = cache().place_of(token, use->number);
    if (const auto* known = remembered(place, token, *use, now_s)) {
        return accepted(identity_of(*known));
    }
    const auto verdict = verify(*use, token, now_s);
    if (verdict) {
        return accepted(identity_of(remember(place, verdict, token, *use)));
    }
    const auto reason = auth::reason_of(verdict.rejection);
    if (verdict.rejection == auth::Rejection::expired) {
        return expired_token(reason);
    }
    if (verdict.rejection == auth::Rejection::unknown_kid ||
        verdict.rejection == auth::Rejection::no_kid) {
        if (purpose == Purpose::decide) {
            want_keys(*use);
        }
        if (lacks_keys(*use)) {
            return unavailable("no_keys_yet");
        }
    }
    return invalid_token(reason);
}

}  // namespace gatehouse::auth_feature
