#include "sidecar/limits/key_text.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>

#include "src/base/network_prefix.h"

namespace gatehouse::limits {

namespace {

/// 4 bytes or 16, in network order.
struct Address {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;

    std::span<const std::uint8_t> span() const noexcept { return {bytes.data(), size}; }
};

std::string string_of(std::span<const std::uint8_t> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<Address> parse_address(std::string_view given)
{
    const std::string text{given};
    Address address;
    if (text.find('\0') != text.npos) {
        return std::nullopt;
    }
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
        address.size = 4;
    } else if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
        address.size = 16;
    } else {
        return std::nullopt;
    }
    return address;
}

std::optional<unsigned> parse_length(std::string_view text, unsigned longest)
{
    unsigned length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && length <= longest ? std::optional{length} : std::nullopt;
}

Error no_address(std::string_view given, std::string_view expression)
{
    return {"\"" + std::string{given} + "\" is no address, and the key of this zone is " +
            std::string{expression} + "; --text takes it as it stands"};
}

/// As $gate_client has it, for the prefix lengths that are the default or those said here.
std::optional<std::string> client_bytes(std::string_view given)
{
    const auto slash = given.find('/');
    const auto address = parse_address(given.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    PrefixLengths lengths;
    if (slash != given.npos) {
        const unsigned bits = address->size == 4 ? 32 : 128;
        const auto length = parse_length(given.substr(slash + 1), bits);
        if (!length) {
            return std::nullopt;
        }
        (address->size == 4 ? lengths.v4 : lengths.v6) = *length;
    }
    return string_of(NetworkPrefix{address->span(), lengths}.bytes());
}

Result<std::string> from_hex(std::string_view given)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < given.size(); i += 2) {
        unsigned char byte = 0;
        const auto* first = given.data() + i;
        const auto [end, error] = std::from_chars(first, first + 2, byte, 16);
        if (error != std::errc{} || end != first + 2) {
            return Error{"\"" + std::string{given} + "\" is not in hexadecimal"};
        }
        bytes += static_cast<char>(byte);
    }
    if (given.size() % 2 != 0) {
        return Error{"\"" + std::string{given} + "\" has half a byte at its end"};
    }
    return bytes;
}

bool is_variable(std::string_view expression, std::string_view name)
{
    return (expression.starts_with('$') && expression.substr(1) == name) ||
           expression == "${" + std::string{name} + "}";
}

Result<std::string> automatic(std::string_view given, std::string_view expression)
{
    constexpr std::string_view unix_peer = "unix:";  // what both say of one
    const bool is_client = is_variable(expression, "gate_client");
    if ((!is_client && !is_variable(expression, "binary_remote_addr")) || given == unix_peer) {
        return std::string{given};
    }
    if (is_client) {
        auto bytes = client_bytes(given);
        return bytes ? Result<std::string>{std::move(*bytes)} : no_address(given, expression);
    }
    const auto address = parse_address(given);
    return address ? Result<std::string>{string_of(address->span())}
                   : no_address(given, expression);
}

}  // namespace

Result<std::string> key_bytes(std::string_view given, KeyForm form, std::string_view expression)
{
    auto bytes = form == KeyForm::hex    ? from_hex(given)
                 : form == KeyForm::text ? Result<std::string>{std::string{given}}
                                         : automatic(given, expression);
    if (bytes && bytes->empty()) {
        return Error{"an empty key is not limited"};
    }
    return bytes;
}

}  // namespace gatehouse::limits
