#include "src/auth/claims.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::auth {
namespace {

class Token {
public:
    explicit Token(std::string json) : text_(std::move(json)), nodes_(max_json_nodes(text_.size()))
    {
        EXPECT_NE(scan_json_object(text_.data(), text_.size(), nodes_.data()), 0U) << text_;
    }

    Claims claims() const { return {text_.data(), text_.size(), nodes_.data()}; }

    std::string text(std::string_view path) const
    {
        const auto claim = claims().find(path);
        std::string out;
        return claim && append_claim_text(out, claim) ? out : "(none)";
    }

    std::string scopes() const
    {
        std::string out;
        append_scopes(out, claims());
        return out;
    }

private:
    std::string text_;
    std::vector<JsonNode> nodes_;
};

TEST(Claims, AreFoundByPath)
{
    const Token token{R"({"sub":"a","realm_access":{"roles":["x","y"],"deep":{"er":1}},
                          "https://example.com/roles":["admin"],"a.b":{"c.d":"dotted"},
                          "a":{"b":{"c.d":"nested"},"e":{"f":true}}})"};
    EXPECT_EQ(token.text("sub"), "a");
    EXPECT_EQ(token.text("realm_access.roles"), "x,y");
    EXPECT_EQ(token.text("realm_access.deep.er"), "1");
    EXPECT_EQ(token.text("https://example.com/roles"), "admin");
    EXPECT_EQ(token.text("a.e.f"), "true");
    // The shortest first name is tried first, and the whole name before all.
    EXPECT_EQ(token.text("a.b.c.d"), "nested");
    for (const char* none : {"", ".", "x", "sub.a", "realm_access", "realm_access.", ".sub",
                             "realm_access.roles.x", "a.b.c", "SUB"}) {
        EXPECT_EQ(token.text(none), "(none)") << none;
    }
    EXPECT_EQ(Token{R"({"a":{"b":1},"a.b":2})"}.text("a.b"), "2");
    EXPECT_FALSE(Claims{}.find("sub"));
}

TEST(Claims, AsText)
{
    const Token token{R"({"s":"te\u00e9xt","n":12345678901234567890,"f":1.50,"t":true,"z":null,
                          "a":["x",1,false],"e":[],"o":{"x":1},"m":["x",{}],"mz":[null],
                          "crlf":"a\r\nX-Evil: 1","nul":"a\u0000b","del":"\u007f","ac":["a\nb"]})"};
    EXPECT_EQ(token.text("s"), "te\xC3\xA9xt");
    EXPECT_EQ(token.text("n"), "12345678901234567890");
    EXPECT_EQ(token.text("f"), "1.50");
    EXPECT_EQ(token.text("t"), "true");
    EXPECT_EQ(token.text("a"), "x,1,false");
    EXPECT_EQ(token.text("e"), "");
    for (const char* none : {"z", "o", "m", "mz", "crlf", "nul", "del", "ac"}) {
        EXPECT_EQ(token.text(none), "(none)") << none;
    }
}

TEST(Claims, AreOrHaveAText)
{
    const Token token{R"({"s":"x","a":["x","y",3],"o":{"x":1},"n":3})"};
    const auto is = [&](const char* path, const char* text) {
        return claim_is(token.claims().find(path), text);
    };
    EXPECT_TRUE(is("s", "x"));
    EXPECT_TRUE(is("a", "y"));
    EXPECT_TRUE(is("a", "3"));
    EXPECT_TRUE(is("n", "3"));
    EXPECT_FALSE(is("s", "X"));
    EXPECT_FALSE(is("s", ""));
    EXPECT_FALSE(is("a", "x,y"));
    EXPECT_FALSE(is("o", "x"));
    EXPECT_FALSE(is("n", "3.0"));
}

TEST(Claims, ScopesComeFromThreeClaims)
{
    EXPECT_EQ(Token{R"({"scope":"read write"})"}.scopes(), "read write");
    EXPECT_EQ(Token{R"({"scope":"  read   write "})"}.scopes(), "read write");
    EXPECT_EQ(Token{R"({"scp":["read","write"]})"}.scopes(), "read write");
    EXPECT_EQ(Token{R"({"scp":"read write"})"}.scopes(), "read write");
    EXPECT_EQ(Token{R"({"roles":["admin"],"scope":["a"],"scp":["b",1,null,"c"]})"}.scopes(),
              "a b c admin");
    for (const char* none : {R"({})", R"({"scope":""})", R"({"scope":7})", R"({"roles":"admin"})",
                             R"({"scp":{}})", R"({"scope":[]})", R"({"x":{"scope":"read"}})"}) {
        EXPECT_EQ(Token{none}.scopes(), "") << none;
    }
    // A name with a blank, or one that is no name, must not read as others.
    EXPECT_EQ(Token{R"({"roles":["read admin","a\nb","\u00e9","q\"","ok"]})"}.scopes(), "ok");
}

TEST(Claims, AScopeIsHadExactly)
{
    const Token token{R"({"scope":"boards:read users","roles":["Site Admin"]})"};
    const auto claims = token.claims();
    EXPECT_TRUE(has_scope(claims, "boards:read"));
    EXPECT_TRUE(has_scope(claims, "users"));
    EXPECT_TRUE(has_scope(claims, "Site Admin"));
    for (const char* none : {"boards", "boards:rea", "read", "", "Users", "boards:read users"}) {
        EXPECT_FALSE(has_scope(claims, none)) << none;
    }
    EXPECT_TRUE(has_role(claims, "Site Admin"));
    EXPECT_FALSE(has_role(claims, "users"));
    EXPECT_TRUE(has_role(Token{R"({"roles":"admin"})"}.claims(), "admin"));
    EXPECT_FALSE(has_role(Token{R"({"roles":"admin"})"}.claims(), "adm"));
    EXPECT_FALSE(has_role(Token{R"({"roles":[1]})"}.claims(), "1"));
    EXPECT_FALSE(has_scope(Claims{}, "x"));
    EXPECT_FALSE(has_role(Claims{}, "x"));
}

TEST(Claims, ACopyStandsAlone)
{
    std::vector<std::uint16_t> memory;
    Claims copy;
    {
        const Token token{R"({"sub":"caf\u00e9","roles":["a","b"],"o":{"p":"q"}})"};
        memory.resize((token.claims().bytes() + 1) / 2);
        copy = token.claims().copy_to(memory.data());
        EXPECT_EQ(copy.bytes(), token.claims().bytes());
    }
    std::string out;
    EXPECT_TRUE(append_claim_text(out, copy.find("sub")));
    EXPECT_TRUE(append_claim_text(out, copy.find("roles")));
    EXPECT_TRUE(append_claim_text(out, copy.find("o.p")));
    EXPECT_EQ(out,
              "caf\xC3\xA9"
              "a,bq");
}

}  // namespace
}  // namespace gatehouse::auth
