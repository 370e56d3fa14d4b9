// Fuzzes the permission to have a request explained, as a worker reads it from a header field.
//
// The first byte selects modulo 3. 0: the rest is a field's value, of which none may pass for one
// of a key that nobody has. 1: the rest is a payload, which is signed here, so that what stands
// behind the signature is reached: what is believed keeps the rules, and does so again when it is
// signed anew. 2: the same, with one byte changed afterwards: nothing of it may be believed.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/auth/base64url.h"
#include "src/auth/explain_permission.h"

namespace {

using namespace gatehouse::auth;

constexpr std::int64_t now_s = 1'767'225'600;
constexpr std::string_view key_bytes = "a key that is only in this file.";
static_assert(key_bytes.size() == ExplainKey::bytes);

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

const ExplainKey& key()
{
    static const ExplainKey made{key_bytes};
    return made;
}

/// A field's value with the payload in it, by OpenSSL's HMAC and not by sign().
std::string signed_value(std::string_view payload)
{
    std::string value;
    append_base64url(value, payload);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    unsigned size = 0;
    HMAC(EVP_sha256(), key_bytes.data(), static_cast<int>(key_bytes.size()),
         reinterpret_cast<const unsigned char*>(value.data()), value.size(), mac.data(), &size);
    value += '.';
    append_base64url(value, {reinterpret_cast<const char*>(mac.data()), size});
    return value;
}

void check_payload(std::string_view payload)
{
    const auto value = signed_value(payload);
    const auto read = key().verify(value, now_s);
    if (!read) {
        return;
    }
    require(static_cast<bool>(check(*read)));
    require(read->expires_s > now_s && read->expires_s <= now_s + explain_lifetime_s);
    require(!key().verify(value, read->expires_s));
    require(!key().verify(value, read->expires_s - explain_lifetime_s - 1));
    for (const auto* text : {&read->method, &read->from, &read->target}) {
        require(text->find_first_of("\r\n ") == std::string::npos);
    }
    const auto again = key().verify(key().sign(*read), now_s);
    require(again && again->expires_s == read->expires_s && again->nonce == read->nonce &&
            again->method == read->method && again->from == read->from &&
            again->target == read->target);
}

void check_changed(std::string_view bytes)
{
    if (bytes.size() < 3) {
        return;
    }
    auto value = signed_value(bytes.substr(3));
    const auto at =
        static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]);
    auto& changed = value[static_cast<std::size_t>(at) % value.size()];
    if (changed != bytes[2]) {
        changed = bytes[2];
        require(!key().verify(value, now_s));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    // On the heap and of exactly its size, so that the sanitizer sees a step beyond.
    const std::string rest{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (data[0] % 3) {
    case 0: require(!key().verify(rest, now_s)); break;
    case 1: check_payload(rest); break;
    default: check_changed(rest); break;
    }
    return 0;
}
