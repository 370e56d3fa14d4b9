#include "sidecar/sentry/scrub.h"

#include <gtest/gtest.h>

namespace gatehouse::sentry {
namespace {

TEST(Scrub, NamesOfSecrets)
{
    for (const char* name : {"password", "DB_PASSWORD", "client_secret", "X-API-Token",
                             "Authorization", "Set-Cookie", "api_key", "apikey", "sentry_dsn"}) {
        EXPECT_TRUE(is_secret_name(name)) << name;
    }
    for (const char* name : {"card", "source", "error", "keyset", "path", "pass_count"}) {
        EXPECT_FALSE(is_secret_name(name)) << name;
    }
}

TEST(Scrub, TakesSecretsOutOfTexts)
{
    const std::pair<const char*, const char*> cases[] = {
        {"connect to postgresql://app:se:same@db/x failed",
         "connect to postgresql://[Filtered]@db/x failed"},
        {"redis://:pw@127.0.0.1:6379/0", "redis://[Filtered]@127.0.0.1:6379/0"},
        {"GET https://a.example/x?token=abc.def&page=2",
         "GET https://a.example/x?token=[Filtered]&page=2"},
        {"password=hunter2 user=ada", "password=[Filtered] user=ada"},
        {"password='two words' user=ada", "password='[Filtered]' user=ada"},
        {R"({"password": "two words", "user": "ada"})",
         R"({"password": "[Filtered]", "user": "ada"})"},
        {"Authorization: Bearer abc", "Authorization: Bearer [Filtered]"},
        {"sent Basic dXNlcjpwYXNz to it", "sent Basic [Filtered] to it"},
        {"Cookie: id=7", "Cookie: [Filtered]"},
        // The token of RFC 7519, section 3.1, cut short.
        {"got eyJ0eXAiOiJKV1QiLA0K.eyJpc3MiOiJqb2UiLA0K.dBjftJeZ4CVP, no", "got [Filtered], no"},
        {"", ""},
        {"no such file: /srv/a.csv", "no such file: /srv/a.csv"},
        {"the token is bad", "the token is bad"},
        {"https://a.example/@user", "https://a.example/@user"},
    };
    for (const auto& [text, clean] : cases) {
        EXPECT_EQ(scrubbed(text), clean);
    }
}

TEST(Scrub, EndsWithWhateverText)
{
    for (const char* text : {"password=", "password", "password: ", "password=\"", "bearer ",
                             "bearer", "x://", "x://@", "eyJ.", "token='"}) {
        EXPECT_LE(scrubbed(text).size(), std::string{text}.size() + filtered.size()) << text;
    }
}

}  // namespace
}  // namespace gatehouse::sentry
