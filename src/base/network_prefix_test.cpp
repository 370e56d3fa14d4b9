#include "src/base/network_prefix.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <vector>

namespace gatehouse {
namespace {

std::vector<std::uint8_t> address(const char* text)
{
    std::vector<std::uint8_t> bytes(16);
    if (::inet_pton(AF_INET6, text, bytes.data()) == 1) {
        return bytes;
    }
    bytes.resize(4);
    EXPECT_EQ(::inet_pton(AF_INET, text, bytes.data()), 1) << text;
    return bytes;
}

std::string masked(const char* text, PrefixLengths lengths = {})
{
    return NetworkPrefix{address(text), lengths}.text();
}

TEST(NetworkPrefix, AnIpv4AddressIsAClient)
{
    EXPECT_EQ(masked("192.0.2.77"), "192.0.2.77");
    EXPECT_EQ((NetworkPrefix{address("192.0.2.77"), {}}.bytes().size()), 4U);
}

TEST(NetworkPrefix, AnIpv6NetworkIsAClient)
{
    EXPECT_EQ(masked("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(masked("2001:db8:1:2:ffff::"), "2001:db8:1:2::/64");
}

TEST(NetworkPrefix, AMappedAddressIsTheIpv4One)
{
    EXPECT_EQ(masked("::ffff:192.0.2.77"), "192.0.2.77");
    EXPECT_EQ(masked("::fffe:192.0.2.77"), "::/64");
}

TEST(NetworkPrefix, OtherLengths)
{
    EXPECT_EQ(masked("192.0.2.77", {24, 64}), "192.0.2.0/24");
    EXPECT_EQ(masked("192.0.255.77", {17, 64}), "192.0.128.0/17");
    EXPECT_EQ(masked("192.0.2.77", {0, 64}), "0.0.0.0/0");
    EXPECT_EQ(masked("2001:db8:1:2:3:4:5:6", {32, 128}), "2001:db8:1:2:3:4:5:6");
    EXPECT_EQ(masked("2001:db8:1:2ff::", {32, 57}), "2001:db8:1:280::/57");
    EXPECT_EQ(masked("2001:db8::", {32, 0}), "::/0");
}

}  // namespace
}  // namespace gatehouse
