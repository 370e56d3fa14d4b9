#include "sidecar/limits/key_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::limits {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

std::string bytes(std::string_view given, std::string_view expression,
                  KeyForm form = KeyForm::automatic)
{
    const auto key = key_bytes(given, form, expression);
    return key ? *key : "error: " + key.error().message;
}

const std::string network = "\x20\x01\x0d\xb8\0\0\0\x01"s;

TEST(KeyText, AnAddressIsAClient)
{
    for (const char* expression : {"$gate_client", "${gate_client}"}) {
        EXPECT_EQ(bytes("192.0.2.1", expression), "\xc0\0\x02\x01"s);
        EXPECT_EQ(bytes("::ffff:192.0.2.1", expression), "\xc0\0\x02\x01"s);
        EXPECT_EQ(bytes("192.0.2.77/24", expression), "\xc0\0\x02\0"s);
        EXPECT_EQ(bytes("2001:db8:0:1:2:3:4:5", expression), network + std::string(8, '\0'));
        EXPECT_EQ(bytes("2001:db8:0:1ff::/56", expression),
                  network.substr(0, 6) + "\x01" + std::string(9, '\0'));
        EXPECT_EQ(bytes("unix:", expression), "unix:");
    }
}

TEST(KeyText, ABinaryAddressIsWhole)
{
    EXPECT_EQ(bytes("192.0.2.1", "$binary_remote_addr"), "\xc0\0\x02\x01"s);
    EXPECT_EQ(bytes("2001:db8:0:1::5", "$binary_remote_addr"), network + "\0\0\0\0\0\0\0\x05"s);
    EXPECT_EQ(bytes("::ffff:192.0.2.1", "$binary_remote_addr").size(), 16U);
    EXPECT_THAT(bytes("192.0.2.1/24", "$binary_remote_addr"), HasSubstr("is no address"));
}

TEST(KeyText, OtherKeysStandAsTheyAre)
{
    for (const char* expression :
         {"$http_x", "$gate_client$uri", "$gate_client_text", "all", "gate_client", ""}) {
        EXPECT_EQ(bytes("192.0.2.1", expression), "192.0.2.1") << expression;
    }
    EXPECT_EQ(bytes("192.0.2.1", "$gate_client", KeyForm::text), "192.0.2.1");
}

TEST(KeyText, Hexadecimal)
{
    EXPECT_EQ(bytes("c00002Ff00", "$gate_client", KeyForm::hex), "\xc0\0\x02\xff\0"s);
    EXPECT_THAT(bytes("c0000", "", KeyForm::hex), HasSubstr("half a byte"));
    for (const char* wrong : {"gg", "0x12", " 1", "-1", "+1", "1 "}) {
        EXPECT_THAT(bytes(wrong, "", KeyForm::hex), HasSubstr("error: ")) << wrong;
    }
}

TEST(KeyText, WhatIsNoKey)
{
    for (const char* wrong : {"nobody", "192.0.2", "192.0.2.1/33", "192.0.2.1/", "192.0.2.1/-1",
                              "2001:db8::1/129", "192.0.2.1/2x", "/24", "[::1]"}) {
        EXPECT_THAT(bytes(wrong, "$gate_client"), HasSubstr("is no address")) << wrong;
    }
    EXPECT_THAT(bytes("192.0.2.1\0x"s, "$gate_client"), HasSubstr("is no address"));
    EXPECT_THAT(bytes("", "$http_x"), HasSubstr("empty key"));
    EXPECT_THAT(bytes("", "", KeyForm::hex), HasSubstr("empty key"));
}

}  // namespace
}  // namespace gatehouse::limits
