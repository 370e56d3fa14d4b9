#include "src/auth/networks.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace gatehouse::auth {
namespace {

std::vector<std::uint8_t> address_of(const char* text)
{
    std::array<std::uint8_t, 16> bytes{};
    if (::inet_pton(AF_INET, text, bytes.data()) == 1) {
        return {bytes.begin(), bytes.begin() + 4};
    }
    EXPECT_EQ(::inet_pton(AF_INET6, text, bytes.data()), 1) << text;
    return {bytes.begin(), bytes.end()};
}

std::string list_of(std::initializer_list<const char*> networks)
{
    std::string entries;
    for (const auto* network : networks) {
        const auto entry = parse_network(network);
        EXPECT_TRUE(entry) << network;
        entries += *entry;
    }
    return entries;
}

bool holds(std::initializer_list<const char*> networks, const char* address)
{
    return networks_hold(list_of(networks), address_of(address));
}

TEST(Networks, HoldWhatLiesInThem)
{
    EXPECT_TRUE(holds({"192.0.2.0/24"}, "192.0.2.255"));
    EXPECT_FALSE(holds({"192.0.2.0/24"}, "192.0.3.0"));
    EXPECT_TRUE(holds({"192.0.2.7"}, "192.0.2.7"));
    EXPECT_FALSE(holds({"192.0.2.7"}, "192.0.2.6"));
    EXPECT_TRUE(holds({"192.0.2.128/25"}, "192.0.2.129"));
    EXPECT_FALSE(holds({"192.0.2.128/25"}, "192.0.2.127"));
    EXPECT_TRUE(holds({"0.0.0.0/0"}, "203.0.113.9"));
    EXPECT_TRUE(holds({"2001:db8::/33"}, "2001:db8:7fff::1"));
    EXPECT_FALSE(holds({"2001:db8::/33"}, "2001:db8:8000::1"));
    EXPECT_TRUE(holds({"2001:db8::1"}, "2001:db8::1"));
    EXPECT_FALSE(holds({"2001:db8::1"}, "2001:db8::2"));
    EXPECT_TRUE(holds({"10.0.0.0/8", "2001:db8::/32"}, "2001:db8::5"));
}

TEST(Networks, MappedAddressesAreIpv4)
{
    EXPECT_TRUE(holds({"192.0.2.0/24"}, "::ffff:192.0.2.9"));
    EXPECT_TRUE(holds({"::ffff:192.0.2.0/120"}, "192.0.2.9"));
    EXPECT_TRUE(holds({"::ffff:0:0/96"}, "192.0.2.9"));
    // All of IPv6 holds no IPv4, and the other way round.
    EXPECT_FALSE(holds({"::/0"}, "::ffff:192.0.2.9"));
    EXPECT_FALSE(holds({"0.0.0.0/0"}, "2001:db8::1"));
}

TEST(Networks, EveryPrefixLengthCutsAtItsBit)
{
    const auto all_ones = address_of("255.255.255.255");
    for (unsigned length = 1; length <= 32; ++length) {
        auto prefix = address_of("0.0.0.0");
        for (unsigned bit = 0; bit < length; ++bit) {
            prefix[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
        }
        char text[INET_ADDRSTRLEN];
        ::inet_ntop(AF_INET, prefix.data(), text, sizeof text);
        const auto entry = parse_network(std::string{text} + "/" + std::to_string(length));
        ASSERT_TRUE(entry) << length;
        EXPECT_TRUE(networks_hold(*entry, all_ones));
        auto outside = all_ones;
        outside[(length - 1) / 8] ^= static_cast<std::uint8_t>(0x80 >> (length - 1) % 8);
        EXPECT_FALSE(networks_hold(*entry, outside)) << length;
    }
}

TEST(Networks, AClientWithoutAnAddressIsInNone)
{
    EXPECT_FALSE(networks_hold(list_of({"0.0.0.0/0", "::/0"}), {}));
}

TEST(Networks, PrintAsTheyWereGiven)
{
    for (const auto* text : {"192.0.2.0/24", "192.0.2.1", "0.0.0.0/0", "2001:db8::/32", "::1"}) {
        const auto entry = parse_network(text);
        ASSERT_TRUE(entry) << text;
        EXPECT_EQ(network_text(*entry), text);
    }
    EXPECT_EQ(network_text(*parse_network("::ffff:192.0.2.0/120")), "192.0.2.0/24");
}

TEST(Networks, RefuseWhatIsNone)
{
    for (const auto* text :
         {"", "/", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/8 ",
          "192.0.2/24", "2001:db8::/129", "fe80::1%eth0", "localhost", "192.0.2.0/24/24"}) {
        EXPECT_FALSE(parse_network(text)) << text;
    }
}

TEST(Networks, RefuseBitsBehindThePrefix)
{
    const auto refused = parse_network("10.0.0.1/8");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("did you mean 10.0.0.0/8?"), std::string::npos);
    EXPECT_FALSE(parse_network("2001:db8::1/64"));
    EXPECT_FALSE(parse_network("::ffff:10.0.0.1/104"));
}

TEST(Networks, DamagedEntriesHoldNothing)
{
    const auto address = address_of("192.0.2.1");
    std::string entry = *parse_network("192.0.2.1");
    for (std::size_t size = 0; size < entry.size(); ++size) {
        EXPECT_FALSE(networks_hold(entry.substr(0, size), address));
    }
    entry[1] = 33;
    EXPECT_FALSE(networks_hold(entry, address));
    entry[0] = 16;
    EXPECT_FALSE(networks_hold(entry, address));
    EXPECT_EQ(network_text("short"), "");
}

}  // namespace
}  // namespace gatehouse::auth
