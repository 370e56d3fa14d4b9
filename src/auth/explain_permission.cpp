#include "src/auth/explain_permission.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "src/auth/base64url.h"
#include "src/auth/evp.h"
#include "src/base/constant_time.h"

namespace gatehouse::auth {

namespace {

constexpr std::string_view version = "1";
constexpr std::size_t mac_bytes = 32;
constexpr std::size_t longest_value = 4 * (longest_explain_target + 256) / 3 + 64;

bool is_method(std::string_view text) noexcept
{
    constexpr std::size_t longest = 32;
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; });
}

bool is_address(const std::string& text) noexcept
{
    in6_addr room{};
    return ::inet_pton(AF_INET, text.c_str(), &room) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &room) == 1;
}

bool is_target(std::string_view text) noexcept
{
    return text.starts_with('/') && text.size() <= longest_explain_target &&
           std::all_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte > 0x20 && byte != 0x7f;
           });
}

template <class Number>
std::optional<Number> number(std::string_view text, int base) noexcept
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional{value} : std::nullopt;
}

std::string text_of(const ExplainPermission& permission)
{
    std::array<char, 16> nonce{};
    for (std::size_t i = 0; i < nonce.size(); ++i) {
        nonce[i] = "0123456789abcdef"[permission.nonce >> (60 - 4 * i) & 15];
    }
    std::string text{version};
    text.append("\n").append(std::to_string(permission.expires_s));
    text.append("\n").append(nonce.data(), nonce.size());
    text.append("\n").append(permission.method);
    text.append("\n").append(permission.from);
    return text.append("\n").append(permission.target);
}

std::optional<ExplainPermission> parse(std::string_view text)
{
    constexpr std::size_t parts = 6;
    std::array<std::string_view, parts> part;
    for (auto& one : part) {
        const auto end = std::min(text.find('\n'), text.size());
        one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    const auto expires = number<std::int64_t>(part[1], 10);
    const auto nonce = number<std::uint64_t>(part[2], 16);
    if (part[0] != version || !expires || !nonce || !text.empty()) {
        return std::nullopt;
    }
    return ExplainPermission{*expires, *nonce, std::string{part[3]}, std::string{part[4]},
                             std::string{part[5]}};
}

/// Nothing when OpenSSL fails.
std::optional<std::array<char, mac_bytes>> mac_of(std::string_view key, std::string_view text)
{
    const ErrorMark mark;
    std::array<char, mac_bytes> mac{};
    std::size_t size = 0;
    const auto* made =
        EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                  reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                  reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &size);
    return made != nullptr && size == mac.size() ? std::optional{mac} : std::nullopt;
}

}  // namespace

Result<void> check(const ExplainPermission& permission)
{
    if (!is_method(permission.method)) {
        return Error{"a method has 1 to 32 of A-Z, - and _"};
    }
    if (permission.method == "TRACE" || permission.method == "CONNECT") {
        return Error{"nginx itself answers 405 to " + permission.method};
    }
    if (!permission.from.empty() && !is_address(permission.from)) {
        return Error{"\"from\" is no address of IPv4 or IPv6"};
    }
    if (!is_target(permission.target)) {
        return Error{"a path begins with \"/\", has no blanks or control characters, and up to " +
                     std::to_string(longest_explain_target) + " bytes with its query"};
    }
    return {};
}

ExplainKey::ExplainKey(std::string_view key) noexcept
{
    std::copy_n(key.begin(), key_.size(), key_.begin());
}

std::optional<ExplainKey> ExplainKey::from_table(std::string_view table_bytes) noexcept
{
    if (table_bytes.size() != magic.size() + bytes || !table_bytes.starts_with(magic)) {
        return std::nullopt;
    }
    return ExplainKey{table_bytes.substr(magic.size())};
}

std::string ExplainKey::table_bytes() const
{
    return std::string{magic}.append(key_.data(), key_.size());
}

std::string ExplainKey::sign(const ExplainPermission& permission) const
{
    std::string value;
    append_base64url(value, text_of(permission));
    const auto mac = mac_of({key_.data(), key_.size()}, value);
    if (!mac) {
        return {};
    }
    value += '.';
    append_base64url(value, {mac->data(), mac->size()});
    return value;
}

std::optional<ExplainPermission> ExplainKey::verify(std::string_view value,
                                                    std::int64_t now_s) const
{
    const auto dot = value.size() <= longest_value ? value.find('.') : std::string_view::npos;
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    const auto signed_part = value.substr(0, dot);
    const auto claimed = base64url_decode(value.substr(dot + 1));
    const auto mac = mac_of({key_.data(), key_.size()}, signed_part);
    if (!claimed || !mac || !equal_in_constant_time(*claimed, {mac->data(), mac->size()})) {
        return std::nullopt;
    }
    const auto text = base64url_decode(signed_part);
    auto permission = text ? parse(*text) : std::nullopt;
    const bool good = permission && now_s < permission->expires_s &&
                      permission->expires_s <= now_s + explain_lifetime_s && check(*permission);
    return good ? std::move(permission) : std::nullopt;
}

}  // namespace gatehouse::auth
