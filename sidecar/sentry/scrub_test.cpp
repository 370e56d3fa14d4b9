#include "sidecar/sentry/scrub.h"

#include <gtest/gtest.h>

namespace gatehouse::sentry {
namespace {

TEST(Scrub, NamesOfSecrets)
{
    for (const char* name :
         {"password", "DB_PASSWORD", "client_secret", "X-API-Token", "Authorization", "Set-Cookie",
          "api_key", "apikey", "sentry_dsn", "pass", "DB_PASS", "access_key"}) {
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
        {"Authorization: Bearer abc", "Authorization: [Filtered]"},
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

TEST(Scrub, LeavesNothingOfAValueWhoseEndIsDoubtful)
{
    const std::pair<const char*, const char*> cases[] = {
        {"password=a1,LEAK user=ada", "password=[Filtered] user=ada"},
        {"password=a;LEAK", "password=[Filtered]"},
        {"password=a)LEAK", "password=[Filtered]"},
        {"password=a&LEAK", "password=[Filtered]"},
        {"pass=LEAK", "pass=[Filtered]"},
        {"access_key=LEAK", "access_key=[Filtered]"},
        {"PGPASSWORD=LEAK psql", "PGPASSWORD=[Filtered] psql"},
        {"password is LEAK", "password is [Filtered]"},
        {"password = 'it''s LEAK' x", "password = '[Filtered]' x"},
        {"password => LEAK x", "password => [Filtered] x"},
        {R"({"password":"a\"LEAK"})", R"({"password":"[Filtered]"})"},
        {R"("{\"password\":\"a \\\"LEAK\",\"b\":1}")",
         R"("{\"password\":\"[Filtered]\",\"b\":1}")"},
        {R"({"tokens": ["LEAK", "LEAK"]})", R"({"tokens": [Filtered])"},
        {"X-Api-Key: LEAK", "X-Api-Key: [Filtered]"},
        {"https://h/p;jsessionid=LEAK", "https://h/p;jsessionid=[Filtered]"},
    };
    for (const auto& [text, clean] : cases) {
        EXPECT_EQ(scrubbed(text), clean);
    }
}

TEST(Scrub, FieldsOfHttpGoOnToTheEndOfTheLine)
{
    const std::pair<const char*, const char*> cases[] = {
        {"Cookie: theme=dark; sid=LEAK\nHost: a", "Cookie: [Filtered]\nHost: a"},
        {"Set-Cookie: a=1; session=LEAK", "Set-Cookie: [Filtered]"},
        {"Authorization: Token LEAK", "Authorization: [Filtered]"},
        {"Authorization: Bearer  LEAK", "Authorization: [Filtered]"},
        {"Proxy-Authorization: Digest username=x, response=LEAK",
         "Proxy-Authorization: [Filtered]"},
        {R"({"Cookie": "a=1; sid=LEAK", "Host": "a"})", R"({"Cookie": "[Filtered]", "Host": "a"})"},
        {"sent Bearer  LEAK to it", "sent Bearer  [Filtered] to it"},
        {"basic LEAK", "basic [Filtered]"},
    };
    for (const auto& [text, clean] : cases) {
        EXPECT_EQ(scrubbed(text), clean);
    }
}

TEST(Scrub, KnowsTokensKeysAndUsersByTheirLooks)
{
    const std::pair<const char*, const char*> cases[] = {
        {"GET /x/gth_a1b2c3d4_LEAKabcdefghijklmnopqrstuvwxyz HTTP/1.1",
         "GET /x/[Filtered] HTTP/1.1"},
        {"GET /x%2Fgth_a1b2c3d4_LEAK", "GET /x%2F[Filtered]"},
        {"bad token gth_LEAKLEAKLEAK", "bad token [Filtered]"},
        {"the token gth_a1b2c3d4 has expired", "the token gth_a1b2c3d4 has expired"},
        {"length_of_a_field", "length_of_a_field"},
        {"a -----BEGIN PRIVATE KEY-----\nLEAK\n-----END PRIVATE KEY----- b", "a [Filtered] b"},
        {"-----BEGIN RSA PRIVATE KEY----- LEAK", "[Filtered]"},
        {"-----BEGIN CERTIFICATE----- a -----END CERTIFICATE-----",
         "-----BEGIN CERTIFICATE----- a -----END CERTIFICATE-----"},
        {"postgresql://u:p/LEAK@h/db", "postgresql://[Filtered]@h/db"},
        {"postgresql://u:p@LEAK/LEAK@h/db", "postgresql://[Filtered]@h/db"},
        {"redis://:LEAK@h", "redis://[Filtered]@h"},
        {"https://a.example/?mail=a@b", "https://a.example/?mail=a@b"},
    };
    for (const auto& [text, clean] : cases) {
        EXPECT_EQ(scrubbed(text), clean);
    }
}

TEST(Scrub, EndsWithWhateverText)
{
    for (const char* text :
         {"password=", "password", "password: ", "password=\"", "bearer ", "bearer", "x://",
          "x://@", "eyJ.", "token='", "token=\\", "gth_", "-----", "-----BEGIN ",
          "-----BEGIN KEY-----", "cookie:", "password is "}) {
        EXPECT_LE(scrubbed(text).size(), std::string{text}.size() + filtered.size()) << text;
    }
}

}  // namespace
}  // namespace gatehouse::sentry
