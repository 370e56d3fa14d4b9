#include "sidecar/identity/issue.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "src/auth/api_token.h"

namespace gatehouse::identity {

namespace {

/// Shorter ones can be tried one after the other.
constexpr std::size_t shortest_foreign = 16;

template <std::size_t Size>
Result<std::array<std::uint8_t, Size>> random_bytes()
{
    static_assert(Size <= 256);  // up to which a signal does not interrupt it
    std::array<std::uint8_t, Size> bytes;
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(Size)) {
        return Error{std::string{"no random bytes from the system: "} + std::strerror(errno)};
    }
    return bytes;
}

Result<auth::Digest> digest_of(std::string_view text)
{
    thread_local auto sha256 = auth::Sha256::create();
    if (!sha256) {
        return sha256.error();
    }
    const auto digest = (*sha256)(text);
    if (!digest) {
        return Error{"SHA-256 failed"};
    }
    return *digest;
}

}  // namespace

Result<std::string> new_token_id()
{
    const auto random = random_bytes<auth::random_for_token_id>();
    return random ? auth::make_token_id(*random) : random.error();
}

Result<IssuedSecret> new_secret(const std::string& id, std::int64_t now_s)
{
    const auto random = random_bytes<auth::random_for_secret>();
    if (!random) {
        return random.error();
    }
    auto text = auth::make_api_token(id, *random);
    if (!text) {
        return text.error();
    }
    const auto digest = digest_of(*text);
    if (!digest) {
        return digest.error();
    }
    IssuedSecret issued{std::move(*text), {}};
    issued.secret.digest = *digest;
    issued.secret.created_s = now_s;
    return issued;
}

Result<Secret> secret_of(std::string_view token, std::int64_t now_s)
{
    const auto shape = auth::shape_of(token);
    if (shape == auth::TokenShape::junk) {
        return Error{token.starts_with(auth::api_token_prefix)
                         ? "begins with \"gth_\", but its checksum does not fit: is it whole?"
                         : "is no token: 1 to 512 visible ASCII characters"};
    }
    if (token.size() < shortest_foreign) {
        return Error{"has " + std::to_string(token.size()) + " characters; " +
                     std::to_string(shortest_foreign) + " are the least"};
    }
    const auto digest = digest_of(token);
    if (!digest) {
        return digest.error();
    }
    Secret secret;
    secret.digest = *digest;
    secret.foreign = shape == auth::TokenShape::foreign;
    secret.created_s = now_s;
    return secret;
}

}  // namespace gatehouse::identity
