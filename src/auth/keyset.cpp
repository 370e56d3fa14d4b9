#include "src/auth/keyset.h"

#include <jansson.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "src/auth/evp.h"
#include "src/auth/hmac.h"
#include "src/auth/jwk.h"

namespace gatehouse::auth {

namespace {

using Json = std::unique_ptr<json_t, FreeBy<json_decref>>;

/// How a warning names a key. A kid that is not plain text could break a log line.
std::string label_of(const json_t* jwk, std::size_t index)
{
    std::string label = "key " + std::to_string(index + 1);
    const auto kid = text_member(jwk, "kid");
    const bool plain = std::all_of(kid.begin(), kid.end(),
                                   [](char c) { return c >= 0x20 && c < 0x7F && c != '"'; });
    if (!kid.empty() && plain && kid.size() <= max_kid_bytes) {
        label += " (\"" + std::string{kid} + "\")";
    }
    return label;
}

Result<Json> load(std::string_view text)
{
    if (text.size() > max_keyset_bytes) {
        return Error{"it has " + std::to_string(text.size()) + " bytes, more than " +
                     std::to_string(max_keyset_bytes)};
    }
    json_error_t error;
    Json root{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error)};
    if (!root) {
        return Error{"it is not JSON: " + std::string{error.text} + " in line " +
                     std::to_string(error.line)};
    }
    return root;
}

/// The array, or why there is none.
Result<const json_t*> keys_in(const json_t* root)
{
    const json_t* keys = json_object_get(root, "keys");
    if (!json_is_array(keys)) {
        return Error{"it has no array \"keys\", so it is no JWK set"};
    }
    if (json_array_size(keys) > max_keys) {
        return Error{"it has " + std::to_string(json_array_size(keys)) + " keys, more than " +
                     std::to_string(max_keys)};
    }
    return keys;
}

/// Adds the key or a warning; an error refuses the set.
Result<void> add_key(const json_t* jwk, std::size_t index, KeysetOrigin origin,
                     std::vector<Key>& keys, std::vector<std::string>& warnings)
{
    const auto label = label_of(jwk, index);
    if (!json_is_object(jwk)) {
        return Error{label + " is no object"};
    }
    if (origin == KeysetOrigin::fetched && text_member(jwk, "kty") == "oct") {
        return Error{label + " is a secret, which nobody may hand out"};
    }
    auto key = parse_jwk(jwk);
    if (!key) {
        warnings.push_back(label + " is not used: " + key.error().message);
        return {};
    }
    if (!*key) {
        return {};
    }
    const auto kid = (*key)->kid();
    if (!kid.empty() && std::any_of(keys.begin(), keys.end(),
                                    [kid](const Key& other) { return other.kid() == kid; })) {
        return Error{label + " has the kid of another"};
    }
    keys.push_back(std::move(**key));
    return {};
}

bool is_printable(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

const Key* Keyset::find(std::string_view kid) const noexcept
{
    for (const Key& key : keys_) {
        if (key.kid() == kid) {
            return &key;
        }
    }
    // A secret of a file has no name: issuers name it as they like.
    const bool nameless = keys_.size() == 1 && keys_.front().kid().empty();
    return nameless ? &keys_.front() : nullptr;
}

Result<ParsedKeyset> parse_keyset(std::string_view json, KeysetOrigin origin)
{
    const auto root = load(json);
    if (!root) {
        return root.error();
    }
    const auto array = keys_in(root->get());
    if (!array) {
        return array.error();
    }
    std::vector<Key> keys;
    std::vector<std::string> warnings;
    for (std::size_t i = 0; i < json_array_size(*array); ++i) {
        const auto added = add_key(json_array_get(*array, i), i, origin, keys, warnings);
        if (!added) {
            return added.error();
        }
    }
    if (keys.empty()) {
        return Error{"it has no key to verify with" +
                     (warnings.empty() ? std::string{} : ": " + warnings.front())};
    }
    return ParsedKeyset{Keyset{std::move(keys)}, std::move(warnings)};
}

std::string_view secret_in_file(std::string_view bytes) noexcept
{
    auto text = bytes;
    if (text.ends_with('\n')) {
        text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
    }
    return is_printable(text) ? text : bytes;
}

Result<Keyset> keyset_of_secret(std::string_view secret, Algorithm algorithm, std::string kid)
{
    const std::string name{name_of(algorithm)};
    if (!hmac_algorithms.contains(algorithm)) {
        return Error{name + " takes no secret; HS256, HS384 and HS512 do"};
    }
    if (secret.size() < hmac_bytes(algorithm)) {
        return Error{"the secret has " + std::to_string(secret.size()) + " bytes; " + name +
                     " needs " + std::to_string(hmac_bytes(algorithm)) +
                     " or more (RFC 7518 §3.2)"};
    }
    auto check = hmac_check(algorithm, secret);
    if (!check) {
        return Error{"OpenSSL has no HMAC for " + name};
    }
    std::vector<Key::Use> uses;
    uses.push_back({algorithm, std::move(check)});
    std::vector<Key> keys;
    keys.emplace_back(std::move(kid), std::move(uses));
    return Keyset{std::move(keys)};
}

}  // namespace gatehouse::auth
