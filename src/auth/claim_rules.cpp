#include "src/auth/claim_rules.h"

#include <algorithm>
#include <optional>

namespace gatehouse::auth {

namespace {

/// What these rules read of a token, looked up in one go.
struct Registered {
    JsonValue iss;
    JsonValue sub;
    JsonValue aud;
    JsonValue exp;
    JsonValue nbf;
    JsonValue iat;
};

Registered registered_in(JsonValue claims) noexcept
{
    Registered found;
    for (const JsonValue claim : claims) {
        const auto name = claim.name();
        if (name.size() != 3) {
            continue;
        }
        if (name == "iss") {
            found.iss = claim;
        } else if (name == "sub") {
            found.sub = claim;
        } else if (name == "aud") {
            found.aud = claim;
        } else if (name == "exp") {
            found.exp = claim;
        } else if (name == "nbf") {
            found.nbf = claim;
        } else if (name == "iat") {
            found.iat = claim;
        }
    }
    return found;
}

bool is_text_or_none(JsonValue claim) noexcept
{
    return !claim || claim.is(JsonType::string);
}

/// A text or an array of texts.
bool is_audience(JsonValue aud) noexcept
{
    if (aud.is(JsonType::string)) {
        return true;
    }
    bool texts = aud.is(JsonType::array);
    if (texts) {
        for (const JsonValue element : aud) {
            texts = texts && element.is(JsonType::string);
        }
    }
    return texts;
}

/// Some issuers have numbers for users: RFC 7519 §4.1.2 wants a string, and no harm comes of it.
bool is_subject_or_none(JsonValue sub) noexcept
{
    return is_text_or_none(sub) || sub.whole();
}

/// A NumericDate that is a whole number.
bool is_date_or_none(JsonValue claim) noexcept
{
    return !claim || claim.whole();
}

bool types_are_right(const Registered& claims) noexcept
{
    return is_text_or_none(claims.iss) && is_subject_or_none(claims.sub) &&
           (!claims.aud || is_audience(claims.aud)) && is_date_or_none(claims.exp) &&
           is_date_or_none(claims.nbf) && is_date_or_none(claims.iat);
}

bool is_from(JsonValue iss, const JwtPolicy& policy) noexcept
{
    if (policy.issuers.empty()) {
        return true;
    }
    return iss && std::find(policy.issuers.begin(), policy.issuers.end(), iss.text()) !=
                      policy.issuers.end();
}

bool is_for_us(JsonValue aud, const JwtPolicy& policy) noexcept
{
    if (policy.audiences.empty()) {
        return policy.any_audience || !aud;
    }
    return aud && std::any_of(policy.audiences.begin(), policy.audiences.end(),
                              [aud](const auto& us) { return claim_is(aud, us); });
}

/// True for a time that is later than now, even if our clock is behind by the leeway.
bool lies_ahead(JsonValue claim, std::int64_t now_s, std::int64_t leeway_s) noexcept
{
    return claim && *claim.whole() > now_s + leeway_s;
}

}  // namespace

Rejection check_claims(JsonValue claims, const JwtPolicy& policy, std::int64_t now_s,
                       std::int64_t& expires_s) noexcept
{
    const Registered found = registered_in(claims);
    if (!types_are_right(found)) {
        return Rejection::claim_type;
    }
    if (!found.exp) {
        return Rejection::no_expiry;
    }
    if (!is_from(found.iss, policy)) {
        return Rejection::issuer;
    }
    if (!is_for_us(found.aud, policy)) {
        return Rejection::audience;
    }
    if (lies_ahead(found.nbf, now_s, policy.leeway_s)) {
        return Rejection::not_yet_valid;
    }
    if (lies_ahead(found.iat, now_s, policy.leeway_s)) {
        return Rejection::issued_ahead;
    }
    expires_s = *found.exp.whole() + policy.leeway_s;
    return now_s < expires_s ? Rejection::none : Rejection::expired;
}

}  // namespace gatehouse::auth
