#include "sidecar/api/identity_check.h"

#include "src/auth/identity_claims.h"
#include "src/auth/identity_signer.h"
#include "src/auth/jwt.h"

namespace gatehouse::api {

struct IdentityCheck::State {
    auth::ParsedKeyset keys;
    auth::JwtPolicy policy;
    auth::JwtVerifier verifier;
};

namespace {

std::string text_of(const auth::Claims& claims, std::string_view name)
{
    const auto claim = claims.root().member(name);
    return claim && claim.is(auth::JsonType::string) ? std::string{claim.text()} : std::string{};
}

std::optional<std::int64_t> time_of(const auth::Claims& claims, std::string_view name)
{
    const auto claim = claims.root().member(name);
    return claim ? claim.whole() : std::nullopt;
}

/// The issuer says for how long, and since when.
bool lives_as_issued(const auth::Claims& claims)
{
    const auto issued = time_of(claims, "iat");
    const auto expires = time_of(claims, "exp");
    return issued && expires && *expires <= *issued + auth::identity_lifetime_s;
}

std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto blank = text.find(' ');
        if (const auto word = text.substr(0, blank); !word.empty()) {
            words.emplace_back(word);
        }
        text.remove_prefix(blank == text.npos ? text.size() : blank + 1);
    }
    return words;
}

std::vector<std::string> roles_of(const auth::Claims& claims)
{
    std::vector<std::string> roles;
    const auto claim = claims.root().member("roles");
    if (claim && claim.is(auth::JsonType::array)) {
        for (const auto role : claim) {
            roles.emplace_back(role.text());
        }
    }
    return roles;
}

Caller caller_of(const auth::Claims& claims)
{
    return {.user = text_of(claims, "sub"),
            .method = text_of(claims, "method"),
            .token_id = text_of(claims, "token_id"),
            .plan = text_of(claims, "plan"),
            .scopes = words_of(text_of(claims, "scope")),
            .roles = roles_of(claims),
            .request_id = text_of(claims, "request_id")};
}

}  // namespace

IdentityCheck::IdentityCheck(std::unique_ptr<State> state) : state_(std::move(state)) {}
IdentityCheck::IdentityCheck(IdentityCheck&&) noexcept = default;
IdentityCheck& IdentityCheck::operator=(IdentityCheck&&) noexcept = default;
IdentityCheck::~IdentityCheck() = default;

Result<IdentityCheck> IdentityCheck::of_seed(std::string_view seed)
{
    return of_seeds({&seed, 1});
}

Result<IdentityCheck> IdentityCheck::of_seeds(std::span<const std::string_view> seeds)
{
    std::string list;
    for (const auto seed : seeds) {
        const auto signer = auth::IdentitySigner::from_seed(seed);
        if (!signer) {
            return signer.error();
        }
        list.append(list.empty() ? "" : ",").append(signer->public_jwk());
    }
    auto keys = auth::parse_keyset(R"({"keys":[)" + list + "]}", auth::KeysetOrigin::fetched);
    if (!keys) {
        return keys.error();
    }
    auto state = std::make_unique<State>(State{std::move(*keys), {}, {}});
    state->policy.issuers = {std::string{auth::identity_issuer}};
    state->policy.leeway_s = leeway_s;
    return IdentityCheck{std::move(state)};
}

std::optional<Caller> IdentityCheck::caller(std::string_view token, std::string_view method,
                                            std::string_view path, std::int64_t now_s)
{
    const auth::Keyset* const keysets[] = {&state_->keys.keyset};
    const auto verdict = state_->verifier.verify(token, keysets, state_->policy, now_s);
    const bool believed = verdict && !verdict.kid.empty() && lives_as_issued(verdict.claims) &&
                          text_of(verdict.claims, "htm") == method &&
                          text_of(verdict.claims, "htu") == path;
    return believed ? std::optional{caller_of(verdict.claims)} : std::nullopt;
}

}  // namespace gatehouse::api
