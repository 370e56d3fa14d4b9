#include "src/http/cors.h"

#include <gtest/gtest.h>

#include "src/http/vary.h"

namespace gatehouse::http {
namespace {

using Kind = NameList::Kind;

NameList list_of(Kind kind, std::string_view text)
{
    auto list = NameList::parse(kind, text);
    EXPECT_TRUE(list) << text;
    return list ? *list : NameList{};
}

CorsRules rules_with(std::string_view methods, std::string_view headers)
{
    CorsRules rules;
    rules.methods = list_of(Kind::methods, methods);
    rules.headers = list_of(Kind::fields, headers);
    return rules;
}

std::string granted(const CorsRules& rules, std::string_view method, std::string_view headers = "")
{
    const auto grant = http::grant(rules, method, headers);
    return grant ? std::string{grant->methods} + "|" + std::string{grant->headers} : "nothing";
}

TEST(Grant, Methods)
{
    const auto rules = rules_with("GET,put , PATCH,PUT", "X-A");
    EXPECT_EQ(granted(rules, "PUT"), "GET, PUT, PATCH|X-A");
    EXPECT_EQ(granted(rules, "GET"), "GET, PUT, PATCH|X-A");
    for (const auto* method : {"POST", "DELETE", "put", "", " PUT", "PUT,GET", "PUTT", "*"}) {
        EXPECT_EQ(granted(rules, method), "nothing") << method;
    }
}

TEST(Grant, Headers)
{
    const auto rules = rules_with("GET", "Content-Type, x-api-token,AUTHORIZATION");
    const std::string all = "GET|Content-Type, x-api-token, AUTHORIZATION";
    for (const auto* names :
         {"", "content-type", "authorization,content-type,x-api-token", "Authorization",
          "content-type , x-api-token", "\tcontent-type ,,", "content-type,content-type"}) {
        EXPECT_EQ(granted(rules, "GET", names), all) << names;
    }
    for (const auto* names : {"x-other", "content-type,x-other", "content-type x-api-token", "*",
                              "content-typ", "content-type:", "content-type\r\nx: y", "\x01",
                              "content-type,\"x-api-token\"", "content-type;x"}) {
        EXPECT_EQ(granted(rules, "GET", names), "nothing") << names;
    }
}

// The names for which a browser asks although they can be safe, as the web platform tests have
// them in not-cors-safelisted.json: their values are not.
TEST(Grant, OnlyWhatIsConfigured)
{
    const auto rules = rules_with("GET", "X-Own");
    for (const auto* name :
         {"accept", "accept-language", "content-language", "content-type", "range", "test"}) {
        EXPECT_EQ(granted(rules, "GET", name), "nothing") << name;
        EXPECT_EQ(granted(rules, "GET", std::string{"x-own,"} + name), "nothing") << name;
    }
    EXPECT_EQ(granted(rules, "GET", "x-own"), "GET|X-Own");
}

TEST(Grant, AllIsWhatWasAsked)
{
    const auto rules = rules_with("*", " * ");
    EXPECT_EQ(granted(rules, "PUT", "x-a,x-b"), "PUT|x-a,x-b");
    EXPECT_EQ(granted(rules, "GET", ""), "GET|");
    EXPECT_EQ(granted(rules, "G T", ""), "nothing");
    EXPECT_EQ(granted(rules, "", ""), "nothing");
    EXPECT_EQ(granted(rules, "GET", "x-a\r\nSet-Cookie: a"), "nothing");
    EXPECT_EQ(granted(rules, "GET", "x-\xc3\xa4"), "nothing");
}

TEST(Grant, Bounded)
{
    const auto rules = rules_with("*", "*");
    std::string names = "a";
    while (names.size() < max_requested_headers_bytes - 1) {
        names += ",a";
    }
    EXPECT_EQ(granted(rules, "GET", names), "GET|" + names);
    EXPECT_EQ(granted(rules, "GET", names + ",a"), "nothing");
}

TEST(NameList, Errors)
{
    for (const auto* text :
         {"", ",", "A,", ",A", "A,,B", "A B", "A:", "A,*", "*,A", "A\r", "\xe4"}) {
        EXPECT_FALSE(NameList::parse(Kind::fields, text)) << text;
    }
}

std::string missing(std::string_view vary)
{
    constexpr VaryName names[] = {{"Origin", "origin"}, {"X-Two", "x-two"}};
    return missing_in_vary(vary, names);
}

TEST(Vary, Missing)
{
    EXPECT_EQ(missing(""), "Origin, X-Two");
    EXPECT_EQ(missing("Accept-Encoding"), "Origin, X-Two");
    EXPECT_EQ(missing("Origins, X-Two-Three"), "Origin, X-Two");
    EXPECT_EQ(missing("accept, oRiGin"), "X-Two");
    EXPECT_EQ(missing("x-two,origin"), "");
    EXPECT_EQ(missing("*"), "");
    EXPECT_EQ(missing("Accept, *"), "");
}

}  // namespace
}  // namespace gatehouse::http
