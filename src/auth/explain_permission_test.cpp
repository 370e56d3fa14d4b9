#include "src/auth/explain_permission.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::auth {
namespace {

constexpr std::int64_t now_s = 1767225600;

/// The bytes 0 to 31.
std::string plain_key()
{
    std::string key;
    for (char c = 0; c < 32; ++c) {
        key += c;
    }
    return key;
}

ExplainPermission question()
{
    return {now_s + 10, 0x0123456789abcdef, "POST", "192.0.2.7", "/a?b=c"};
}

// Made by Perl's Digest::SHA and MIME::Base64.
constexpr const char* vector =
    "MQoxNzY3MjI1NjEwCjAxMjM0NTY3ODlhYmNkZWYKUE9TVAoxOTIuMC4yLjcKL2E_Yj1j."
    "CsPNJFR1vqJM3gdJQdo1W8q1stt3hj2dYzFsaetF9yw";

TEST(ExplainPermission, IsThatOfAnotherImplementation)
{
    const ExplainKey key{plain_key()};
    EXPECT_EQ(key.sign(question()), vector);
    const auto read = key.verify(vector, now_s);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->expires_s, now_s + 10);
    EXPECT_EQ(read->nonce, 0x0123456789abcdefU);
    EXPECT_EQ(read->method, "POST");
    EXPECT_EQ(read->from, "192.0.2.7");
    EXPECT_EQ(read->target, "/a?b=c");
}

TEST(ExplainPermission, IsGoodFromItsMakingToItsEnd)
{
    const ExplainKey key{plain_key()};
    EXPECT_FALSE(key.verify(vector, now_s - 1)) << "further ahead than any that is made";
    EXPECT_TRUE(key.verify(vector, now_s + 9));
    EXPECT_FALSE(key.verify(vector, now_s + 10));
}

TEST(ExplainPermission, IsRefusedWithAnyByteChanged)
{
    const ExplainKey key{plain_key()};
    const std::string good = vector;
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const char c : {'A', 'B', '.', '=', '\0'}) {
            auto bad = good;
            bad[at] = c;
            EXPECT_EQ(key.verify(bad, now_s).has_value(), bad == good) << at << ' ' << c;
        }
        EXPECT_FALSE(key.verify(good.substr(0, at), now_s)) << at;
    }
    EXPECT_FALSE(key.verify(good + "A", now_s));
}

TEST(ExplainPermission, OfAnotherKeyIsNone)
{
    const ExplainKey other{std::string(32, 'x')};
    EXPECT_FALSE(other.verify(vector, now_s));
}

TEST(ExplainPermission, SaysWhatCannotBeAsked)
{
    const auto why = [](std::string method, std::string from, std::string target) {
        const auto sound = check({now_s, 1, std::move(method), std::move(from), std::move(target)});
        return sound ? std::string{} : sound.error().message;
    };
    EXPECT_EQ(why("GET", "", "/"), "");
    EXPECT_EQ(why("VERSION-CONTROL", "2001:db8::1", "/\xc3\xa4?x=%20"), "");
    EXPECT_NE(why("", "", "/"), "");
    EXPECT_NE(why("get", "", "/"), "");
    EXPECT_NE(why(std::string(33, 'A'), "", "/"), "");
    EXPECT_NE(why("TRACE", "", "/"), "");
    EXPECT_NE(why("CONNECT", "", "/"), "");
    EXPECT_NE(why("GET", "192.0.2", "/"), "");
    EXPECT_NE(why("GET", "192.0.2.7/24", "/"), "");
    EXPECT_NE(why("GET", "", ""), "");
    EXPECT_NE(why("GET", "", "a"), "");
    EXPECT_NE(why("GET", "", "/a b"), "");
    EXPECT_NE(why("GET", "", "/a\r\nb"), "");
    EXPECT_NE(why("GET", "", "/" + std::string(longest_explain_target, 'a')), "");
    EXPECT_EQ(why("GET", "", "/" + std::string(longest_explain_target - 1, 'a')), "");
}

TEST(ExplainPermission, WhatIsSignedButCannotBeAskedIsRefused)
{
    const ExplainKey key{plain_key()};
    auto bad = question();
    bad.method = "TRACE";
    EXPECT_FALSE(key.verify(key.sign(bad), now_s));
    bad = question();
    bad.method = "GET\nPOST";
    EXPECT_FALSE(key.verify(key.sign(bad), now_s)) << "a part more than there are";
}

TEST(ExplainPermission, TheKeyTravelsInATable)
{
    const ExplainKey key{plain_key()};
    const auto table = key.table_bytes();
    EXPECT_EQ(table, "GTHEXPK1" + plain_key());
    const auto read = ExplainKey::from_table(table);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->sign(question()), vector);
    EXPECT_FALSE(ExplainKey::from_table(table + "x"));
    EXPECT_FALSE(ExplainKey::from_table(table.substr(1)));
    EXPECT_FALSE(ExplainKey::from_table(""));
    EXPECT_FALSE(ExplainKey::from_table("GTHIDK01" + plain_key()));
}

}  // namespace
}  // namespace gatehouse::auth
