// Fuzzes what src/auth reads of strangers: tokens, JWK sets, the JSON in tokens, base64url. What
// must hold for any bytes is checked; the JSON is held against jansson.
//
// The first byte of an input says what the rest is.
#include <jansson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/identity_signer.h"
#include "src/auth/jwt.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::auth;

constexpr std::int64_t now_s = 1'800'000'000;

void expect(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

// ---- base64url --------------------------------------------------------------------------------

void check_base64url(std::string_view text)
{
    const auto bytes = base64url_decode(text);
    if (!bytes) {
        return;
    }
    std::string again;
    append_base64url(again, *bytes);
    expect(again == text, "two texts for the same bytes");
}

// ---- JSON -------------------------------------------------------------------------------------

/// The two documents have the same values. Numbers are compared by type: jansson reads them.
bool same(JsonValue ours, const json_t* theirs)
{
    switch (ours.type()) {
    case JsonType::null: return json_is_null(theirs);
    case JsonType::boolean: return ours.text() == (json_is_true(theirs) ? "true" : "false");
    case JsonType::number: return json_is_number(theirs);
    case JsonType::string:
        return json_is_string(theirs) &&
               ours.text() ==
                   std::string_view{json_string_value(theirs), json_string_length(theirs)};
    case JsonType::array: break;
    case JsonType::object: break;
    }
    std::size_t count = 0;
    for (const JsonValue inner : ours) {
        const json_t* other =
            ours.is(JsonType::array)
                ? json_array_get(theirs, count)
                : json_object_getn(theirs, inner.name().data(), inner.name().size());
        if (other == nullptr || !same(inner, other)) {
            return false;
        }
        ++count;
    }
    return count == (ours.is(JsonType::array) ? json_array_size(theirs) : json_object_size(theirs));
}

int depth_of(const json_t* value)
{
    int deepest = 0;
    if (json_is_array(value)) {
        for (std::size_t i = 0; i < json_array_size(value); ++i) {
            deepest = std::max(deepest, depth_of(json_array_get(value, i)));
        }
        return deepest + 1;
    }
    if (json_is_object(value)) {
        const char* name = nullptr;
        json_t* member = nullptr;
        json_object_foreach(const_cast<json_t*>(value), name, member)
        {
            deepest = std::max(deepest, depth_of(member));
        }
        return deepest + 1;
    }
    return 0;
}

void check_json(std::string_view input)
{
    std::string text{input};
    std::vector<JsonNode> nodes(max_json_nodes(text.size()));
    const auto count = scan_json_object(text.data(), text.size(), nodes.data());
    expect(count <= nodes.size(), "more nodes than there is room for");

    json_error_t error;
    json_t* theirs =
        json_loadb(input.data(), input.size(), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (theirs == nullptr) {
        const auto code = json_error_code(&error);
        expect(count == 0 || code == json_error_numeric_overflow ||
                   code == json_error_null_byte_in_key,
               "taken, but refused by jansson");
        return;
    }
    if (count == 0) {
        // jansson swallows a NUL that follows a number.
        expect(!json_is_object(theirs) || input.find('\0') != std::string_view::npos ||
                   depth_of(theirs) > max_json_depth || input.size() > max_json_bytes,
               "refused, but taken by jansson");
    } else {
        expect(nodes.front().nodes == count, "the nodes of the root");
        expect(same({text.data(), nodes.data()}, theirs), "other values than jansson's");
    }
    json_decref(theirs);
}

// ---- claims -----------------------------------------------------------------------------------

void use_claims(const Claims& claims)
{
    std::string out;
    for (const JsonValue claim : claims.root()) {
        const auto before = out.size();
        const bool text = append_claim_text(out, claims.find(claim.name()));
        expect(text || out.size() == before, "text of what has none");
        for (const char c : std::string_view{out}.substr(before)) {
            expect(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F, "a control character");
        }
    }
    append_scopes(out, claims);
    (void)has_scope(claims, "read");
    (void)has_role(claims, "admin");

    std::vector<std::uint16_t> memory((claims.bytes() + 1) / 2);
    const Claims copy = claims.copy_to(memory.data());
    expect(copy.find("exp").text() == claims.find("exp").text(), "another copy");
}

// ---- tokens -----------------------------------------------------------------------------------

/// Keys of every type, from RFC 7515 appendix A and RFC 8037 appendix A.2.
const Keyset& keys()
{
    static const auto parsed = parse_keyset(R"({"keys":[
        {"kid":"s","kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"},
        {"kid":"r","kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"},
        {"kid":"e","kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
        {"kid":"o","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})",
                                            KeysetOrigin::file);
    return parsed->keyset;
}

IdentitySigner& signer()
{
    static auto made = IdentitySigner::from_seed(std::string(32, 's'));
    return *made;
}

const Keyset& signers_keys()
{
    static const auto parsed =
        parse_keyset(R"({"keys":[)" + signer().public_jwk() + "]}", KeysetOrigin::fetched);
    return parsed->keyset;
}

Verdict verify(std::string_view token)
{
    static const auto verifier = std::make_unique<JwtVerifier>();
    static const JwtPolicy policy{.any_audience = true};
    const std::array<const Keyset*, 2> keysets{&keys(), &signers_keys()};
    return verifier->verify(token, keysets, policy, now_s);
}

void check_verdict(const Verdict& verdict)
{
    if (verdict) {
        expect(verdict.expires_s > now_s, "an expired token");
        expect(!verdict.claims.empty(), "no claims");
        use_claims(verdict.claims);
    } else {
        expect(verdict.claims.empty(), "claims of a token that is refused");
    }
}

void check_token(std::string_view token)
{
    check_verdict(verify(token));
}

/// Claims that are well signed, so that they are read.
void check_signed(std::string_view claims)
{
    std::string token;
    expect(signer().append_token(token, claims), "not signed");
    const auto verdict = verify(token);
    expect(verdict.rejection != Rejection::signature, "a signature of our own");
    check_verdict(verdict);
}

/// A header and a signature of the fuzzer's, which the checks of every key see.
void check_parts(std::string_view input)
{
    const auto end = std::min(input.find('\n'), input.size());
    std::string token;
    append_base64url(token, input.substr(0, end));
    token += ".e30.";
    append_base64url(token, input.substr(std::min(end + 1, input.size())));
    check_token(token);
}

void check_keyset(std::string_view json)
{
    for (const auto origin : {KeysetOrigin::file, KeysetOrigin::fetched}) {
        const auto parsed = parse_keyset(json, origin);
        if (!parsed) {
            expect(!parsed.error().message.empty(), "an error without a text");
            continue;
        }
        const auto keys = parsed->keyset.keys();
        expect(!keys.empty() && keys.size() <= max_keys, "how many keys");
        for (const Key& key : keys) {
            expect(key.kid().empty() || parsed->keyset.find(key.kid()) == &key, "a kid twice");
            SignatureCheck* check = key.check(key.usual());
            expect(check != nullptr && !check->verify("input", "signature"), "a key without use");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 6) {
    case 0: check_token(input); break;
    case 1: check_signed(input); break;
    case 2: check_parts(input); break;
    case 3: check_keyset(input); break;
    case 4: check_json(input); break;
    default: check_base64url(input); break;
    }
    expect(ERR_peek_error() == 0, "errors left in OpenSSL's queue");
    return 0;
}
