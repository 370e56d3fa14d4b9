#include "sidecar/base/destination.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace gatehouse::sidecar {
namespace {

bool reachable(const std::string& text, Reach reach)
{
    sockaddr_storage storage{};
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
        storage.ss_family = AF_INET;
    } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
        storage.ss_family = AF_INET6;
    } else {
        ADD_FAILURE() << text << " is no address";
    }
    return objection_to(reinterpret_cast<const sockaddr&>(storage), reach) == nullptr;
}

TEST(Destination, TheInternetIsAlwaysInReach)
{
    for (const auto* address :
         {"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.0.1", "100.128.0.0",
          "169.253.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
        EXPECT_TRUE(reachable(address, Reach::internet)) << address;
        EXPECT_TRUE(reachable(address, Reach::anywhere)) << address;
    }
}

TEST(Destination, ThisMachineAndPrivateNetworksAreForWhoSaysSo)
{
    for (const auto* address :
         {"127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
          "100.64.0.1", "::1", "fc00::1", "fdff::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
          "2002:a00:1::", "::ffff:10.1.2.3"}) {
        EXPECT_FALSE(reachable(address, Reach::internet)) << address;
        EXPECT_TRUE(reachable(address, Reach::anywhere)) << address;
    }
}

TEST(Destination, LinkLocalAndWhatIsNoHostIsNeverInReach)
{
    for (const auto* address : {"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
                                "2002:a9fe:a9fe::", "fe80::1", "febf::1", "0.0.0.0", "0.1.2.3",
                                "224.0.0.1", "255.255.255.255", "::", "ff02::1", "::7f00:1"}) {
        EXPECT_FALSE(reachable(address, Reach::anywhere)) << address;
    }
    sockaddr unix_socket{};
    unix_socket.sa_family = AF_UNIX;
    EXPECT_NE(objection_to(unix_socket, Reach::anywhere), nullptr);
}

}  // namespace
}  // namespace gatehouse::sidecar
