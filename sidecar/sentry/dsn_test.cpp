#include "sidecar/sentry/dsn.h"

#include <gtest/gtest.h>

namespace gatehouse::sentry {
namespace {

// The examples of https://develop.sentry.dev/sdk/foundations/transport/authentication/ and
// https://develop.sentry.dev/sdk/foundations/envelopes/.
TEST(Dsn, LeadsToTheEnvelopesOfItsProject)
{
    const auto hosted = parse_dsn("https://public@sentry.example.com/1");
    ASSERT_TRUE(hosted);
    EXPECT_EQ(hosted->url, "https://sentry.example.com/api/1/envelope/");
    EXPECT_EQ(hosted->public_key, "public");
    EXPECT_EQ(hosted->secret_key, "");
    const auto below = parse_dsn("https://public:secret@sentry.example.com:8443/a/path/1");
    ASSERT_TRUE(below);
    EXPECT_EQ(below->url, "https://sentry.example.com:8443/a/path/api/1/envelope/");
    EXPECT_EQ(below->secret_key, "secret");
}

TEST(Dsn, AuthenticatesByItsKey)
{
    EXPECT_EQ(auth_field({"", "public", ""}),
              "Sentry sentry_version=7, sentry_client=gatehouse/" GATEHOUSE_VERSION
              ", sentry_key=public");
    EXPECT_TRUE(auth_field({"", "public", "s"}).ends_with(", sentry_key=public, sentry_secret=s"));
}

TEST(Dsn, WhatIsNone)
{
    for (const char* text :
         {"", "https://", "https://public@", "https://public@host", "https://public@host/",
          "https://@host/1", "https://host/1", "ftp://public@host/1", "https://a@/1",
          "https://a,b@host/1", "https://a@host/1?x=y", "https://a@ho st/1",
          "https://a\r\nX: y@h/1"}) {
        EXPECT_FALSE(parse_dsn(text)) << text;
    }
}

}  // namespace
}  // namespace gatehouse::sentry
