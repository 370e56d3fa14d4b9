#include "src/auth/jwt.h"

#include "src/auth/claim_rules.h"
#include "src/auth/jws_header.h"

namespace gatehouse::auth {

namespace {

/// RSA with 8192 bits has the longest.
constexpr std::size_t max_signature_bytes = 1024;

struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;  // the first two with the dot between
};

Rejection take_apart(std::string_view token, Parts& parts) noexcept
{
    if (token.size() > max_token_bytes) {
        return Rejection::too_large;
    }
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos) {
        return Rejection::malformed;
    }
    parts.header = token.substr(0, first);
    parts.payload = token.substr(first + 1, second - first - 1);
    parts.signature = token.substr(second + 1);
    parts.signed_text = token.substr(0, second);
    if (parts.header.empty() || parts.payload.empty() || parts.signature.empty()) {
        return Rejection::malformed;
    }
    return parts.header.size() > max_header_characters ? Rejection::too_large : Rejection::none;
}

struct Object {
    JsonValue value;
    std::size_t size = 0;  // of its text
};

/// The object in one part, or none. It lies in `text` and `nodes`.
Object object_in(std::string_view part, char* text, JsonNode* nodes) noexcept
{
    const auto size = base64url_decode(part, text);
    if (!size || scan_json_object(text, *size, nodes) == 0) {
        return {};
    }
    return {JsonValue{text, nodes}, *size};
}

bool is_allowed(const Key& key, Algorithm algorithm, const JwtPolicy& policy) noexcept
{
    return policy.algorithms ? policy.algorithms->contains(algorithm) : algorithm == key.usual();
}

/// What a key does for an algorithm; null when it is not for that, or not here.
SignatureCheck* check_of(const Key& key, Algorithm algorithm, const JwtPolicy& policy) noexcept
{
    return is_allowed(key, algorithm, policy) ? key.check(algorithm) : nullptr;
}

struct Choice {
    SignatureCheck* check = nullptr;
    Rejection rejection = Rejection::none;
};

Choice choose_by_kid(const JwsHeader& header, std::span<const Keyset* const> keysets,
                     const JwtPolicy& policy) noexcept
{
    Choice choice{nullptr, Rejection::unknown_kid};
    for (const Keyset* keyset : keysets) {
        const Key* key = keyset->find(*header.kid);
        if (key == nullptr) {
            continue;
        }
        if (auto* check = check_of(*key, header.algorithm, policy)) {
            return {check, Rejection::none};
        }
        if (!key->kid().empty()) {
            choice.rejection = Rejection::algorithm;
        }
    }
    return choice;
}

Choice choose_only(const JwsHeader& header, std::span<const Keyset* const> keysets,
                   const JwtPolicy& policy) noexcept
{
    Choice choice{nullptr, Rejection::no_kid};
    for (const Keyset* keyset : keysets) {
        if (keyset->keys().size() != 1) {
            continue;
        }
        auto* check = check_of(keyset->keys().front(), header.algorithm, policy);
        if (check == nullptr) {
            choice.rejection = choice.check == nullptr ? Rejection::algorithm : choice.rejection;
            continue;
        }
        if (choice.check != nullptr) {
            return {nullptr, Rejection::no_kid};
        }
        choice = {check, Rejection::none};
    }
    return choice;
}

Choice choose(const JwsHeader& header, std::span<const Keyset* const> keysets,
              const JwtPolicy& policy) noexcept
{
    return header.kid ? choose_by_kid(header, keysets, policy)
                      : choose_only(header, keysets, policy);
}

Rejection check_signature(const Choice& choice, const Parts& parts) noexcept
{
    if (choice.check == nullptr) {
        return choice.rejection;
    }
    std::array<char, max_signature_bytes> signature;
    if (base64url_decoded_size(parts.signature.size()) > signature.size()) {
        return Rejection::signature;
    }
    const auto size = base64url_decode(parts.signature, signature.data());
    if (!size) {
        return Rejection::malformed;
    }
    return choice.check->verify(parts.signed_text, {signature.data(), *size})
               ? Rejection::none
               : Rejection::signature;
}

}  // namespace

Verdict JwtVerifier::verify(std::string_view token, std::span<const Keyset* const> keysets,
                            const JwtPolicy& policy, std::int64_t now_s) noexcept
{
    Verdict verdict;
    Parts parts;
    JwsHeader header;
    verdict.rejection = take_apart(token, parts);
    if (verdict) {
        verdict.rejection = parse_header(parts.header, header);
        verdict.kid = header.kid.value_or(std::string_view{});
    }
    if (verdict) {
        verdict.algorithm = header.algorithm;
        verdict.rejection = check_signature(choose(header, keysets, policy), parts);
    }
    if (verdict) {
        parse_claims(parts.payload, policy, now_s, verdict);
    }
    return verdict;
}

Rejection JwtVerifier::parse_header(std::string_view part, JwsHeader& header) noexcept
{
    const auto object = object_in(part, header_text_.data(), header_nodes_.data());
    if (!object.value) {
        return Rejection::malformed;
    }
    if (const auto why = read_header(object.value, header); why != Rejection::none) {
        return why;
    }
    return header.type && !is_jwt_type(*header.type) ? Rejection::type : Rejection::none;
}

void JwtVerifier::parse_claims(std::string_view part, const JwtPolicy& policy, std::int64_t now_s,
                               Verdict& verdict) noexcept
{
    const auto object = object_in(part, payload_text_.data(), payload_nodes_.data());
    if (!object.value) {
        verdict.rejection = Rejection::malformed;
        return;
    }
    verdict.rejection = check_claims(object.value, policy, now_s, verdict.expires_s);
    if (verdict) {
        verdict.claims = Claims{payload_text_.data(), object.size, payload_nodes_.data()};
    }
}

}  // namespace gatehouse::auth
