#include "sidecar/base/destination.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace gatehouse::sidecar {

namespace {

struct Block {
    std::uint32_t network;
    unsigned length;
    const char* what;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) noexcept
{
    return a << 24 | b << 16 | c << 8 | d;
}

constexpr const char* link_local = "it is link-local";
constexpr const char* this_machine = "it is this machine";
constexpr const char* private_network = "it is in a private network";
constexpr const char* special = "it is reserved";

// RFC 6890 and its successors. Of overlapping blocks the first counts.
constexpr Block never[] = {
    {v4(169, 254, 0, 0), 16, link_local},
    {v4(0, 0, 0, 0), 8, special},
    {v4(224, 0, 0, 0), 3, special},
};
constexpr Block not_internet[] = {
    {v4(127, 0, 0, 0), 8, this_machine},      {v4(10, 0, 0, 0), 8, private_network},
    {v4(172, 16, 0, 0), 12, private_network}, {v4(192, 168, 0, 0), 16, private_network},
    {v4(100, 64, 0, 0), 10, private_network}, {v4(192, 0, 0, 0), 24, special},
    {v4(192, 0, 2, 0), 24, special},          {v4(198, 18, 0, 0), 15, special},
    {v4(198, 51, 100, 0), 24, special},       {v4(203, 0, 113, 0), 24, special},
};

const char* found_in(std::span<const Block> blocks, std::uint32_t address) noexcept
{
    for (const auto& block : blocks) {
        if ((address ^ block.network) >> (32 - block.length) == 0) {
            return block.what;
        }
    }
    return nullptr;
}

const char* objection_to_v4(std::uint32_t address, Reach reach) noexcept
{
    const auto* always = found_in(never, address);
    return always != nullptr || reach == Reach::anywhere ? always : found_in(not_internet, address);
}

using Bytes = std::array<std::uint8_t, 16>;

std::uint32_t v4_at(const Bytes& address, std::size_t at) noexcept
{
    std::uint32_t number = 0;
    std::memcpy(&number, address.data() + at, sizeof number);
    return ntohl(number);
}

/// The IPv4 address that an IPv6 address stands for.
std::optional<std::uint32_t> v4_in(const Bytes& address) noexcept
{
    constexpr Bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 §2.5.5.2
    constexpr Bytes nat64{0, 0x64, 0xff, 0x9b};                        // RFC 6052 §2.1
    if (std::memcmp(address.data(), mapped.data(), 12) == 0 ||
        std::memcmp(address.data(), nat64.data(), 12) == 0) {
        return v4_at(address, 12);
    }
    if (address[0] == 0x20 && address[1] == 0x02) {  // 6to4, RFC 3056 §2
        return v4_at(address, 2);
    }
    return std::nullopt;
}

const char* objection_to_v6(const Bytes& address, Reach reach) noexcept
{
    if (const auto inner = v4_in(address)) {
        return objection_to_v4(*inner, reach);
    }
    if (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) {
        return link_local;
    }
    constexpr Bytes loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const bool is_loopback = address == loopback;
    if (address[0] == 0xff || (address[0] == 0 && !is_loopback)) {
        return special;  // multicast; ::, and the IPv4-compatible form of old
    }
    if (reach == Reach::anywhere) {
        return nullptr;
    }
    if (is_loopback) {
        return this_machine;
    }
    if ((address[0] & 0xfe) == 0xfc) {
        return private_network;
    }
    return (address[0] & 0xe0) == 0x20 ? nullptr : special;  // 2000::/3 is the internet
}

}  // namespace

const char* objection_to(const sockaddr& address, Reach reach) noexcept
{
    if (address.sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address, sizeof in);
        return objection_to_v4(ntohl(in.sin_addr.s_addr), reach);
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &address, sizeof in);
        Bytes bytes;
        std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
        return objection_to_v6(bytes, reach);
    }
    return "it is no internet address";
}

}  // namespace gatehouse::sidecar
