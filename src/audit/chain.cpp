#include "src/audit/chain.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <span>

namespace gatehouse::audit {

namespace {

constexpr std::string_view seq_mark = "{\"seq\":";
constexpr std::string_view hmac_mark = ",\"hmac\":\"";
constexpr std::string_view line_end = "\"}";
constexpr std::size_t tail_size = hmac_mark.size() + hmac_digits + line_end.size();
constexpr std::size_t hash_bytes = 32;

std::string hexadecimal(std::span<const unsigned char> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

bool is_digits(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

const unsigned char* bytes_of(std::string_view text) noexcept
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<Mac> Mac::create(std::string_view key)
{
    if (key.size() < shortest_key) {
        return Error{"a key for the audit log must have 32 bytes or more"};
    }
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm{
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free};
    Mac mac{algorithm ? EVP_MAC_CTX_new(algorithm.get()) : nullptr};
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    if (!mac.keyed_ || EVP_MAC_init(mac.keyed_.get(), bytes_of(key), key.size(), parameters) != 1) {
        ERR_clear_error();
        return Error{"OpenSSL has no HMAC with SHA-256"};
    }
    constexpr std::size_t id_digits = 16;
    mac.key_id_ = mac("gatehouse audit key", {}).substr(0, id_digits);
    return mac;
}

Mac Mac::copy() const
{
    Mac mac{EVP_MAC_CTX_dup(keyed_.get())};
    if (!mac.keyed_) {
        throw std::bad_alloc{};
    }
    mac.key_id_ = key_id_;
    return mac;
}

std::string Mac::operator()(std::string_view first, std::string_view second) const
{
    const std::unique_ptr<EVP_MAC_CTX, Free> running{EVP_MAC_CTX_dup(keyed_.get())};
    std::array<unsigned char, hash_bytes> hash;
    std::size_t size = 0;
    if (!running || EVP_MAC_update(running.get(), bytes_of(first), first.size()) != 1 ||
        EVP_MAC_update(running.get(), bytes_of(second), second.size()) != 1 ||
        EVP_MAC_final(running.get(), hash.data(), &size, hash.size()) != 1 || size != hash.size()) {
        ERR_clear_error();
        throw std::bad_alloc{};
    }
    return hexadecimal(hash);
}

std::string sha256_digits(std::string_view bytes)
{
    std::array<unsigned char, hash_bytes> hash;
    if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        ERR_clear_error();
        throw std::bad_alloc{};
    }
    return hexadecimal(hash);
}

void seal(const Mac& mac, ChainEnd& end, std::string& line)
{
    end.hmac = mac(end.hmac, line);
    ++end.seq;
    line.append(hmac_mark).append(end.hmac).append(line_end) += '\n';
}

std::optional<SealedLine> take_apart(std::string_view line) noexcept
{
    if (line.size() < seq_mark.size() + tail_size || !line.starts_with(seq_mark) ||
        !line.ends_with(line_end)) {
        return std::nullopt;
    }
    SealedLine parts;
    parts.body = line.substr(0, line.size() - tail_size);
    const auto tail = line.substr(parts.body.size());
    parts.hmac = tail.substr(hmac_mark.size(), hmac_digits);
    const auto* first = line.data() + seq_mark.size();
    const auto [rest, failed] = std::from_chars(first, line.data() + line.size(), parts.seq);
    if (!tail.starts_with(hmac_mark) || !is_digits(parts.hmac) || failed != std::errc{} ||
        *rest != ',') {
        return std::nullopt;
    }
    return parts;
}

}  // namespace gatehouse::audit
