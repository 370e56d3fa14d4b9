#include "src/auth/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace gatehouse::auth {

namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using Address = std::span<const std::uint8_t>;

bool is_mapped(Address address) noexcept
{
    return address.size() == 16 && std::equal(v4_mapped.begin(), v4_mapped.end(), address.begin());
}

Address unmapped(Address address) noexcept
{
    return is_mapped(address) ? address.subspan(v4_mapped.size()) : address;
}

bool same_prefix(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) noexcept
{
    if (std::memcmp(a, b, bits / 8) != 0) {
        return false;
    }
    const auto mask = 0xff00U >> (bits % 8);
    return ((a[bits / 8] ^ b[bits / 8]) & mask & 0xff) == 0;
}

struct Parsed {
    std::array<std::uint8_t, 16> address{};
    unsigned size = 0;
    unsigned length = 0;
};

std::optional<unsigned> parse_length(std::string_view text, unsigned most)
{
    unsigned length = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, length);
    if (error != std::errc{} || stop != end || length > most) {
        return std::nullopt;
    }
    return length;
}

std::optional<Parsed> parse(std::string_view text)
{
    const auto slash = text.find('/');
    const std::string address{text.substr(0, slash)};
    Parsed parsed;
    if (::inet_pton(AF_INET, address.c_str(), parsed.address.data()) == 1) {
        parsed.size = 4;
    } else if (::inet_pton(AF_INET6, address.c_str(), parsed.address.data()) == 1) {
        parsed.size = 16;
    } else {
        return std::nullopt;
    }
    parsed.length = parsed.size * 8;
    if (slash != std::string_view::npos) {
        const auto length = parse_length(text.substr(slash + 1), parsed.length);
        if (!length) {
            return std::nullopt;
        }
        parsed.length = *length;
    }
    return parsed;
}

/// ::ffff:192.0.2.0/120 is 192.0.2.0/24.
void unmap(Parsed& parsed) noexcept
{
    constexpr unsigned mapped_bits = 8 * v4_mapped.size();
    if (is_mapped({parsed.address.data(), parsed.size}) && parsed.length >= mapped_bits) {
        std::copy_n(parsed.address.begin() + v4_mapped.size(), 4, parsed.address.begin());
        std::fill(parsed.address.begin() + 4, parsed.address.end(), std::uint8_t{0});
        parsed.size = 4;
        parsed.length -= mapped_bits;
    }
}

/// The address with the bits behind its prefix as 0.
std::array<std::uint8_t, 16> masked(const Parsed& parsed) noexcept
{
    auto address = parsed.address;
    for (unsigned i = parsed.length / 8; i < address.size(); ++i) {
        const unsigned kept = i == parsed.length / 8 ? parsed.length % 8 : 0;
        address[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return address;
}

std::string entry_of(unsigned size, unsigned length, const std::array<std::uint8_t, 16>& address)
{
    std::string entry;
    entry += static_cast<char>(size);
    entry += static_cast<char>(length);
    entry.append(reinterpret_cast<const char*>(address.data()), address.size());
    return entry;
}

}  // namespace

Result<std::string> parse_network(std::string_view text)
{
    auto parsed = parse(text);
    if (!parsed) {
        return Error{"\"" + std::string{text} + "\" is no network such as 192.0.2.0/24 or " +
                     "2001:db8::/32"};
    }
    unmap(*parsed);
    const auto prefix = masked(*parsed);
    auto entry = entry_of(parsed->size, parsed->length, prefix);
    if (prefix != parsed->address) {
        return Error{"\"" + std::string{text} + "\" has bits set behind its prefix; did you mean " +
                     network_text(entry) + "?"};
    }
    return entry;
}

std::string network_text(std::string_view entry)
{
    if (entry.size() != network_entry_size || (entry[0] != 4 && entry[0] != 16)) {
        return {};
    }
    const auto size = static_cast<unsigned char>(entry[0]);
    const auto length = static_cast<unsigned char>(entry[1]);
    char address[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(size == 4 ? AF_INET : AF_INET6, entry.data() + 2, address, sizeof address);
    std::string text = address;
    if (length < size * 8) {
        text += '/' + std::to_string(length);
    }
    return text;
}

bool networks_hold(std::string_view entries, std::span<const std::uint8_t> address) noexcept
{
    address = unmapped(address);
    if (address.size() != 4 && address.size() != 16) {
        return false;
    }
    // One byte more than an address: same_prefix looks at the byte behind a prefix's last whole
    // one.
    std::array<std::uint8_t, 17> asked{};
    std::copy(address.begin(), address.end(), asked.begin());
    for (; entries.size() >= network_entry_size; entries.remove_prefix(network_entry_size)) {
        std::array<std::uint8_t, 17> prefix{};
        std::memcpy(prefix.data(), entries.data() + 2, 16);
        const auto size = static_cast<unsigned char>(entries[0]);
        const auto length = static_cast<unsigned char>(entries[1]);
        if (size == address.size() && length <= size * 8 &&
            same_prefix(prefix.data(), asked.data(), length)) {
            return true;
        }
    }
    return false;
}

}  // namespace gatehouse::auth
