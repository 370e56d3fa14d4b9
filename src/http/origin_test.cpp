#include "src/http/origin.h"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

OriginSet set_of(std::initializer_list<std::string_view> origins)
{
    OriginSet set;
    for (const auto origin : origins) {
        const auto added = set.add(origin);
        EXPECT_TRUE(added) << origin << ": " << (added ? "" : added.error().message);
    }
    return set;
}

std::string error_of(std::string_view origin)
{
    OriginSet set;
    const auto added = set.add(origin);
    return added ? "accepted" : added.error().message;
}

TEST(OriginSet, Exact)
{
    const auto set = set_of({"https://app.example.com", "http://localhost:3000"});
    EXPECT_TRUE(set.contains("https://app.example.com"));
    EXPECT_TRUE(set.contains("http://localhost:3000"));
    for (const auto* other :
         {"", "null", "*", "http://app.example.com", "https://app.example.com:8443",
          "https://app.example.com/", "https://app.example.com.", "https://app.example.co",
          "https://app.example.com.evil.example", "https://evil-app.example.com",
          "https://xapp.example.com", "https://example.com", "https://APP.example.com",
          " https://app.example.com", "https://app.example.com ", "http://localhost",
          "http://localhost:30000", "https://app.example.com, https://evil.example",
          "https://app.example.com https://evil.example"}) {
        EXPECT_FALSE(set.contains(other)) << other;
    }
}

TEST(OriginSet, NormalForm)
{
    const auto set = set_of({"HTTPS://App.Example.COM:443", "http://a:80", "http://b:443",
                             "https://c:0080", "http://[2001:DB8::1]:8080", "capacitor://localhost",
                             "https://xn--mnchen-3ya.example"});
    for (const auto* origin :
         {"https://app.example.com", "http://a", "http://b:443", "https://c:80",
          "http://[2001:db8::1]:8080", "capacitor://localhost", "https://xn--mnchen-3ya.example"}) {
        EXPECT_TRUE(set.contains(origin)) << origin;
    }
    EXPECT_FALSE(set.contains("https://app.example.com:443"));
    EXPECT_FALSE(set.contains("http://[2001:db8::1]"));
}

TEST(OriginSet, Wildcard)
{
    const auto set = set_of({"https://*.example.com", "http://*.localhost:3000"});
    EXPECT_TRUE(set.contains("https://a.example.com"));
    EXPECT_TRUE(set.contains("https://xn--mnchen-3ya.example.com"));
    EXPECT_TRUE(set.contains("https://a_b-1.example.com"));
    EXPECT_TRUE(set.contains("http://app.localhost:3000"));
    EXPECT_TRUE(set.contains("https://" + std::string(63, 'a') + ".example.com"));
    EXPECT_FALSE(set.contains("https://" + std::string(64, 'a') + ".example.com"));
    for (const auto* other :
         {"https://example.com", "https://.example.com", "https://a.b.example.com",
          "http://a.example.com", "https://a.example.com:8443", "https://aexample.com",
          "https://a.example.com.evil.example", "https://evil.example/.example.com",
          "https://evil.example#.example.com", "https://evil@a.example.com",
          "https://A.example.com", "https://a%2e.example.com", "https://*.example.com",
          "http://localhost:3000", "http://a.localhost"}) {
        EXPECT_FALSE(set.contains(other)) << other;
    }
}

TEST(OriginSet, NullIsNamedOrNotThere)
{
    EXPECT_FALSE(set_of({"https://a.example"}).contains("null"));
    const auto set = set_of({"https://a.example", "null"});
    EXPECT_TRUE(set.contains("null"));
    EXPECT_TRUE(set.has_null());
    EXPECT_FALSE(set.contains("NULL"));
}

TEST(OriginSet, All)
{
    const auto set = set_of({"*"});
    EXPECT_TRUE(set.all());
    EXPECT_TRUE(set.contains("https://anybody.example"));
    EXPECT_TRUE(set.contains("null"));
    EXPECT_TRUE(OriginSet{}.empty());
    EXPECT_FALSE(OriginSet{}.contains(""));
}

TEST(OriginSet, Many)
{
    OriginSet set;
    for (int i = 999; i >= 0; --i) {
        ASSERT_TRUE(set.add("https://app" + std::to_string(i) + ".example"));
    }
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(set.contains("https://app" + std::to_string(i) + ".example"));
    }
    EXPECT_FALSE(set.contains("https://app1000.example"));
}

TEST(OriginSet, Errors)
{
    EXPECT_EQ(error_of("app.example.com"),
              "an origin begins with its scheme, as in \"https://app.example.com\"");
    EXPECT_EQ(error_of("https://a.example/"), "an origin has no path, write \"https://a.example\"");
    EXPECT_EQ(error_of("https://a.example:8443/x?y"),
              "an origin has no path, write \"https://a.example:8443\"");
    EXPECT_EQ(error_of("https://*.com"), "\"*.com\" has everybody in it, name the domain");
    for (const auto* text : {"https://*", "https://a.*.example", "https://*a.example",
                             "https://*.*.example", "https://*.0.0.1", "https://*.[::1]"}) {
        EXPECT_TRUE(error_of(text).starts_with("a \"*\" stands for")) << text << error_of(text);
    }
    for (const auto* text :
         {"https://", "https://a b", "https://u@a.example", "https://m\xc3\xbc.x", "https://a..b",
          "https://.a", "https://[::1]x", "https://[g::1]", "https://$host", "https://a;b"}) {
        EXPECT_NE(error_of(text).find("is no host name"), std::string::npos)
            << text << ": " << error_of(text);
    }
    for (const auto* text :
         {"https://a:", "https://a:0", "https://a:65536", "https://a:8x", "https://a:-1",
          "https://a:80:80", "https://[::1", "https://u:p@a.example"}) {
        EXPECT_EQ(error_of(text), "a port is a number from 1 to 65535") << text;
    }
    EXPECT_EQ(error_of("1x://a"), "\"1x\" is no scheme");
    EXPECT_EQ(error_of("://a"), "\"\" is no scheme");
}

}  // namespace
}  // namespace gatehouse::http
