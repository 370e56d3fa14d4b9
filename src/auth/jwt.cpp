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

/// Three parts that are not empty.
bool split(std::string_view token, Parts& parts) noexcept
{
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos) {
        return false;
    }
    parts.header = token.substr(0, first);
    parts.payload = token.substr(first + 1, second - first - 1);
    parts.signature = token.substr(second + 1);
    parts.signed_text = token.substr(0, second);
    return !parts.header.empty() && !parts.payload.empty() && !parts.signature.empty();
}

/// The object in one part, or none. It lies in `text` and `nodes`.
JsonValue object_in(std::string_view part, char* text, JsonNode* nodes, std::size_t& size) noexcept
{
    const auto decoded = base64url_decode(part, text);
    if (!decoded || scan_json_object(text, *decoded, nodes) == 0) {
        return {};
    }
    size = *decoded;
    return {text, nodes};
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
        choice.rejection = Rejection::algorithm;
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

Rejection check_signature(SignatureCheck& check, const Parts& parts) noexcept
{
    std::array<char, max_signature_bytes> signature;
    if (base64url_decoded_size(parts.signature.size()) > signature.size()) {
        return Rejection::signature;
    }
    const auto size = base64url_decode(parts.signature, signature.data());
    if (!size) {
        return Rejection::malformed;
    }
    return check.verify(parts.signed_text, {signature.data(), *size}) ? Rejection::none
                                                                      : Rejection::signature;
}

Verdict rejected(Rejection rejection, const JwsHeader& header = {}) noexcept
{
    Verdict verdict;
    verdict.rejection = rejection;
    verdict.kid = header.kid.value_or(std::string_view{});
    return verdict;
}

}  // namespace

Verdict JwtVerifier::verify(std::string_view token, std::span<const Keyset* const> keysets,
                            const JwtPolicy& policy, std::int64_t now_s) noexcept
{
    Parts parts;
    if (token.size() > max_token_bytes) {
        return rejected(Rejection::too_large);
    }
    if (!split(token, parts)) {
        return rejected(Rejection::malformed);
    }
    if (parts.header.size() > max_header_characters) {
        return rejected(Rejection::too_large);
    }
    std::size_t size = 0;
    const JsonValue first =
        object_in(parts.header, header_text_.data(), header_nodes_.data(), size);
    if (!first) {
        return rejected(Rejection::malformed);
    }
    JwsHeader header;
    if (const auto why = read_header(first, header); why != Rejection::none) {
        return rejected(why, header);
    }
    if (header.type && !is_jwt_type(*header.type)) {
        return rejected(Rejection::type, header);
    }
    const Choice choice =
        header.kid ? choose_by_kid(header, keysets, policy) : choose_only(header, keysets, policy);
    if (choice.check == nullptr) {
        return rejected(choice.rejection, header);
    }
    if (const auto why = check_signature(*choice.check, parts); why != Rejection::none) {
        return rejected(why, header);
    }
    const JsonValue claims =
        object_in(parts.payload, payload_text_.data(), payload_nodes_.data(), size);
    if (!claims) {
        return rejected(Rejection::malformed, header);
    }
    Verdict verdict = rejected(Rejection::none, header);
    verdict.rejection = check_claims(claims, policy, now_s, verdict.expires_s);
    if (verdict) {
        verdict.algorithm = header.algorithm;
        verdict.claims = Claims{payload_text_.data(), size, payload_nodes_.data()};
    }
    return verdict;
}

}  // namespace gatehouse::auth
