#include "src/telemetry/masked_key.h"

#include <gtest/gtest.h>

#include <string>

#include "src/telemetry/decision.h"
#include "src/telemetry/http_labels.h"

namespace gatehouse::telemetry {
namespace {

using std::string_literals::operator""s;

const std::string v4 = "\xc0\x00\x02\x63"s;
const std::string v6 = "\x20\x01\x0d\xb8\x00\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06"s;
const std::string mapped = "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x63"s;

TEST(MaskedKey, AddressesBecomeNetworks)
{
    EXPECT_EQ(key_label(v4, true), "192.0.2.0/24");
    EXPECT_EQ(key_label(mapped, true), "192.0.2.0/24");
    EXPECT_EQ(key_label(v6, true), "2001:db8:1::/48");
    EXPECT_EQ(key_label("192.0.2.99", true), "192.0.2.0/24");
    EXPECT_EQ(key_label("2001:db8:1:2::6", true), "2001:db8:1::/48");
}

TEST(MaskedKey, OtherKeysAreNotShown)
{
    for (const auto& key :
         {""s, "alice@example.org"s, "192.0.2.99x"s, "192.0.2.99\0"s, std::string(100'000, 'k')}) {
        EXPECT_EQ(key_label(key, true), "");
    }
}

TEST(MaskedKey, WholeIfAskedFor)
{
    EXPECT_EQ(key_label(v4, false), "192.0.2.99");
    EXPECT_EQ(key_label(v6, false), "2001:db8:1:2:3:4:5:6");
    EXPECT_EQ(key_label("alice\n\x1b[31m", false), "alice??[31m");
    EXPECT_EQ(key_label("\xff", false), "?");
}

TEST(MaskedKey, ClientsOfTheRing)
{
    EXPECT_EQ(client_text(client_address(v4, true)), "192.0.2.0");
    EXPECT_EQ(client_text(client_address(v4, false)), "192.0.2.99");
    EXPECT_EQ(client_text(client_address(v6, true)), "2001:db8:1::");
    EXPECT_EQ(client_text(client_address("unix:", true)), "");
}

TEST(Labels, MethodsAndStatusesAreFixedSets)
{
    EXPECT_EQ(method_name(method_of_bits(0x2)), "GET");
    EXPECT_EQ(method_name(method_of_bits(0x4000)), "PATCH");
    EXPECT_EQ(method_name(method_of_bits(0x10000)), "CONNECT");
    for (const std::uint64_t bits : {0ULL, 1ULL, 0x20000ULL, 1ULL << 63}) {
        EXPECT_EQ(method_name(method_of_bits(bits)), "other");
    }
    for (const unsigned known : {100u, 101u, 200u, 206u, 226u, 308u, 429u, 444u, 499u, 503u}) {
        EXPECT_EQ(status_label(known), known);
    }
    for (const unsigned other : {0u, 9u, 99u, 104u, 209u, 299u, 418u, 599u, 600u, 999u, 65535u}) {
        EXPECT_EQ(status_label(other), other_status);
    }
    EXPECT_EQ(name_of(Reason::zone_full, reason_names), "zone_full");
    EXPECT_EQ(name_of(static_cast<Reason>(250), reason_names), "other");
    EXPECT_EQ(name_of(Reason::error, reason_names), "error");
}

}  // namespace
}  // namespace gatehouse::telemetry
