#include "src/auth/claim_rules.h"

#include <algorithm>
#include <optional>

namespace gatehouse::auth {

namespace {

/// What these rules read of a token, in one pass.
struct Registered {
    JsonValue iss;
    JsonValue aud;
    std::optional<std::int64_t> exp;
    std::optional<std::int64_t> nbf;
    std::optional<std::int64_t> iat;
};

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

/// A NumericDate that is a whole number.
bool read_date(JsonValue claim, std::optional<std::int64_t>& date) noexcept
{
    date = claim.whole();
    return date.has_value();
}

/// False when it has not the type that RFC 7519 §4.1 gives it.
bool read_claim(JsonValue claim, Registered& out) noexcept
{
    const auto name = claim.name();
    if (name.size() != 3) {
        return true;
    }
    if (name == "iss") {
        out.iss = claim;
        return claim.is(JsonType::string);
    }
    if (name == "aud") {
        out.aud = claim;
        return is_audience(claim);
    }
    if (name == "sub") {  // some issuers have numbers for users: no harm comes of it
        return claim.is(JsonType::string) || claim.whole();
    }
    return name == "exp"   ? read_date(claim, out.exp)
           : name == "nbf" ? read_date(claim, out.nbf)
           : name == "iat" ? read_date(claim, out.iat)
                           : true;
}

bool read_claims(JsonValue claims, Registered& out) noexcept
{
    for (const JsonValue claim : claims) {
        if (!read_claim(claim, out)) {
            return false;
        }
    }
    return true;
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
bool lies_ahead(std::optional<std::int64_t> date, std::int64_t now_s,
                std::int64_t leeway_s) noexcept
{
    return date && *date > now_s + leeway_s;
}

}  // namespace

Rejection check_claims(JsonValue claims, const JwtPolicy& policy, std::int64_t now_s,
                       std::int64_t& expires_s) noexcept
{
    Registered found;
    if (!read_claims(claims, found)) {
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
    expires_s = *found.exp + policy.leeway_s;
    return now_s < expires_s ? Rejection::none : Rejection::expired;
}

}  // namespace gatehouse::auth
