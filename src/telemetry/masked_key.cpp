#include "src/telemetry/masked_key.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace gatehouse::telemetry {

namespace {

constexpr std::size_t v4_size = 4;
constexpr std::size_t v6_size = 16;
constexpr unsigned char v4_mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using Address = std::array<unsigned char, v6_size>;

bool is_v4(const Address& address) noexcept
{
    return std::memcmp(address.data(), v4_mapped, sizeof v4_mapped) == 0;
}

/// REQUIRES: `bytes` are 4 or 16.
Address address_of(std::string_view bytes, bool masked) noexcept
{
    Address address{};
    if (bytes.size() == v4_size) {
        std::memcpy(address.data(), v4_mapped, sizeof v4_mapped);
        std::memcpy(address.data() + sizeof v4_mapped, bytes.data(), v4_size);
    } else {
        std::memcpy(address.data(), bytes.data(), v6_size);
    }
    if (masked) {
        const auto kept = is_v4(address) ? 15 : 6;
        std::fill(address.begin() + kept, address.end(), 0);
    }
    return address;
}

std::string text_of(const Address& address)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (is_v4(address)) {
        ::inet_ntop(AF_INET, address.data() + sizeof v4_mapped, text, sizeof text);
    } else {
        ::inet_ntop(AF_INET6, address.data(), text, sizeof text);
    }
    return text;
}

/// The bytes of an address that is written as text; empty if it is none.
std::string parse_address(std::string_view text)
{
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) {
        return {};
    }
    const std::string terminated{text};
    char bytes[v6_size];
    if (::inet_pton(AF_INET, terminated.c_str(), bytes) == 1) {
        return {bytes, v4_size};
    }
    if (::inet_pton(AF_INET6, terminated.c_str(), bytes) == 1) {
        return {bytes, v6_size};
    }
    return {};
}

std::string printable(std::string_view key)
{
    std::string text{key};
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

}  // namespace

std::array<std::uint64_t, 2> client_address(std::string_view address, bool masked) noexcept
{
    std::array<std::uint64_t, 2> words{};
    if (address.size() == v4_size || address.size() == v6_size) {
        const auto bytes = address_of(address, masked);
        std::memcpy(words.data(), bytes.data(), bytes.size());
    }
    return words;
}

std::string client_text(const std::array<std::uint64_t, 2>& client)
{
    if (client[0] == 0 && client[1] == 0) {
        return {};
    }
    Address address;
    std::memcpy(address.data(), client.data(), address.size());
    return text_of(address);
}

std::string key_label(std::string_view key, bool masked)
{
    const bool is_binary = key.size() == v4_size || key.size() == v6_size;
    const std::string bytes = is_binary ? std::string{key} : parse_address(key);
    if (bytes.empty()) {
        return masked ? std::string{} : printable(key.substr(0, 64));
    }
    const auto address = address_of(bytes, masked);
    return text_of(address) + (!masked ? "" : is_v4(address) ? "/24" : "/48");
}

}  // namespace gatehouse::telemetry
