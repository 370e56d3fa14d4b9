#include "src/auth/jwk.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "src/auth/base64url.h"
#include "src/auth/hmac.h"
#include "src/auth/keyset.h"
#include "src/auth/public_key.h"
#include "src/auth/public_key_import.h"

namespace gatehouse::auth {

namespace {

using Uses = std::vector<Key::Use>;

std::string quoted(std::string_view text)
{
    return '"' + std::string{text} + '"';
}

Result<std::string> bytes_member(const json_t* jwk, const char* name)
{
    auto bytes = base64url_decode(text_member(jwk, name));
    if (!bytes || bytes->empty()) {
        return Error{quoted(name) + " is not there or is no base64url"};
    }
    return std::move(*bytes);
}

/// The algorithms of its type that a key is for: the one it names, or all.
Result<std::vector<Algorithm>> algorithms_of(const json_t* jwk, std::span<const Algorithm> of_type)
{
    if (json_object_get(jwk, "alg") == nullptr) {
        return std::vector(of_type.begin(), of_type.end());
    }
    const auto name = text_member(jwk, "alg");
    const auto named = algorithm_named(name);
    if (!named || std::find(of_type.begin(), of_type.end(), *named) == of_type.end()) {
        return Error{"its algorithm " + quoted(name) + " is none that we verify with such a key"};
    }
    return std::vector{*named};
}

/// `make` gives the check for one algorithm.
template <class Make>
Result<Uses> uses_of(const json_t* jwk, std::span<const Algorithm> of_type, const Make& make)
{
    const auto algorithms = algorithms_of(jwk, of_type);
    if (!algorithms) {
        return algorithms.error();
    }
    Uses uses;
    for (const auto algorithm : *algorithms) {
        uses.push_back({algorithm, make(algorithm)});
        if (!uses.back().check) {
            return Error{"OpenSSL does not take it"};
        }
    }
    return uses;
}

Result<Uses> rsa_uses(const json_t* jwk)
{
    constexpr std::array algorithms{Algorithm::rs256, Algorithm::rs384, Algorithm::rs512,
                                    Algorithm::ps256, Algorithm::ps384, Algorithm::ps512};
    const auto n = bytes_member(jwk, "n");
    const auto e = bytes_member(jwk, "e");
    if (!n || !e) {
        return n ? e.error() : n.error();
    }
    const auto key = rsa_public_key(*n, *e);
    if (!key) {
        return key.error();
    }
    return uses_of(jwk, algorithms, [&key](auto of) { return rsa_check(of, key->get()); });
}

Result<Uses> ec_uses(const json_t* jwk)
{
    struct Known {
        Curve curve;
        Algorithm algorithm;
    };
    constexpr std::array known{
        Known{{"P-256", "P-256", 32}, Algorithm::es256},
        Known{{"P-384", "P-384", 48}, Algorithm::es384},
        Known{{"P-521", "P-521", 66}, Algorithm::es512},
    };
    const auto name = text_member(jwk, "crv");
    const auto* found = std::find_if(known.begin(), known.end(),
                                     [name](const Known& each) { return each.curve.name == name; });
    if (found == known.end()) {
        return Error{"its curve " + quoted(name) + " is none of P-256, P-384, P-521"};
    }
    const auto x = bytes_member(jwk, "x");
    const auto y = bytes_member(jwk, "y");
    if (!x || !y) {
        return x ? y.error() : x.error();
    }
    const auto key = ec_public_key(found->curve, *x, *y);
    if (!key) {
        return key.error();
    }
    return uses_of(jwk, {&found->algorithm, 1},
                   [&key](auto of) { return ecdsa_check(of, key->get()); });
}

Result<Uses> okp_uses(const json_t* jwk)
{
    constexpr std::array algorithms{Algorithm::eddsa};
    const auto curve = text_member(jwk, "crv");
    if (curve != "Ed25519" && curve != "Ed448") {
        return Error{"its curve " + quoted(curve) + " is none of Ed25519, Ed448"};
    }
    const auto x = bytes_member(jwk, "x");
    if (!x) {
        return x.error();
    }
    const auto key = edwards_public_key(curve == "Ed25519" ? "ED25519" : "ED448", *x);
    if (!key) {
        return key.error();
    }
    return uses_of(jwk, algorithms, [&key](auto) { return eddsa_check(key->get()); });
}

Result<Uses> oct_uses(const json_t* jwk)
{
    constexpr std::array algorithms{Algorithm::hs256, Algorithm::hs384, Algorithm::hs512};
    const auto secret = bytes_member(jwk, "k");
    if (!secret) {
        return secret.error();
    }
    std::size_t fitting = 0;
    while (fitting < algorithms.size() && secret->size() >= hmac_bytes(algorithms[fitting])) {
        ++fitting;
    }
    const auto named = algorithm_named(text_member(jwk, "alg"));
    if (fitting == 0 ||
        (named && hmac_algorithms.contains(*named) && secret->size() < hmac_bytes(*named))) {
        return Error{"its secret of " + std::to_string(secret->size()) +
                     " bytes is shorter than the hash"};
    }
    return uses_of(jwk, std::span{algorithms}.first(fitting),
                   [&secret](auto of) { return hmac_check(of, *secret); });
}

Result<Uses> uses_of_type(const json_t* jwk)
{
    struct Type {
        std::string_view name;
        Result<Uses> (*uses)(const json_t* jwk);
    };
    constexpr std::array types{Type{"RSA", rsa_uses}, Type{"EC", ec_uses}, Type{"OKP", okp_uses},
                               Type{"oct", oct_uses}};
    const auto name = text_member(jwk, "kty");
    for (const auto& type : types) {
        if (type.name == name) {
            return type.uses(jwk);
        }
    }
    return Error{"its type " + quoted(name) + " is none of RSA, EC, OKP, oct"};
}

/// RFC 7517 §4.2, §4.3. What is not as it says there is not for verifying either.
bool is_for_verifying(const json_t* jwk) noexcept
{
    if (json_object_get(jwk, "use") != nullptr && text_member(jwk, "use") != "sig") {
        return false;
    }
    const json_t* operations = json_object_get(jwk, "key_ops");
    if (operations == nullptr) {
        return true;
    }
    for (std::size_t i = 0; i < json_array_size(operations); ++i) {
        const char* operation = json_string_value(json_array_get(operations, i));
        if (operation != nullptr && std::string_view{operation} == "verify") {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string_view text_member(const json_t* object, const char* name) noexcept
{
    const json_t* member = json_object_get(object, name);
    return json_is_string(member)
               ? std::string_view{json_string_value(member), json_string_length(member)}
               : std::string_view{};
}

Result<std::optional<Key>> parse_jwk(const json_t* jwk)
{
    if (!is_for_verifying(jwk)) {
        return std::optional<Key>{};
    }
    const auto kid = text_member(jwk, "kid");
    if ((kid.empty() && json_object_get(jwk, "kid") != nullptr) || kid.size() > max_kid_bytes) {
        return Error{"its kid is not a text of 1 to " + std::to_string(max_kid_bytes) + " bytes"};
    }
    auto uses = uses_of_type(jwk);
    if (!uses) {
        return uses.error();
    }
    return std::optional<Key>{std::in_place, std::string{kid}, std::move(*uses)};
}

}  // namespace gatehouse::auth
