#include "src/http/conditional.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::http {
namespace {

constexpr UnixSeconds now = 1795305600;
constexpr const char* before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* after = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr Validators current{"\"x\"", 784111777};

constexpr auto proceed = Verdict::proceed;
constexpr auto not_modified = Verdict::not_modified;
constexpr auto failed = Verdict::precondition_failed;

Verdict verdict(const Preconditions& conditions)
{
    return evaluate(conditions, current, now);
}

Verdict if_match(std::string_view value)
{
    return verdict({.if_match = value});
}

Verdict if_none_match(std::string_view value)
{
    return verdict({.if_none_match = value});
}

TEST(Conditional, NoneProceeds)
{
    EXPECT_EQ(verdict({}), proceed);
}

TEST(IfNoneMatch, Matches)
{
    EXPECT_EQ(if_none_match(R"("x")"), not_modified);
    EXPECT_EQ(if_none_match("*"), not_modified);
    EXPECT_EQ(if_none_match(" * "), not_modified);
    EXPECT_EQ(if_none_match(R"(W/"x")"), not_modified);
    EXPECT_EQ(if_none_match(R"("a","x","b")"), not_modified);
    EXPECT_EQ(if_none_match("\t\"a\" , ,\t\"x\"  "), not_modified);
    EXPECT_EQ(if_none_match(R"(,,"x",,)"), not_modified);
    EXPECT_EQ(if_none_match(R"("a" , W/"x")"), not_modified);
    EXPECT_EQ(if_none_match(R"("a,b", "x")"), not_modified);  // a comma may be in a tag
    EXPECT_EQ(if_none_match(R"("x", unquoted)"), not_modified);
}

TEST(IfNoneMatch, DoesNotMatch)
{
    for (const auto* value : {
             "",
             " ",
             ",",
             R"("y")",
             R"("a" , "b")",
             R"("X")",
             R"("x ")",
             R"("")",
             "x",
             R"("x)",
             R"(x")",
             R"("a" "x")",
             R"("x"y)",
             R"(w/"x")",
             R"(W"x")",
             R"(W/ "x")",
             R"(W/x)",
             "W/",
             R"('x')",
             R"("a, "x")",
             R"(unquoted, "x")",
             R"(*, "x")",
             R"("a", *)",
             "**",
             R"(")",
         }) {
        EXPECT_EQ(if_none_match(value), proceed) << value;
    }
}

TEST(IfMatch, ComparesStrongly)
{
    EXPECT_EQ(if_match(R"("x")"), proceed);
    EXPECT_EQ(if_match("*"), proceed);
    EXPECT_EQ(if_match(R"("a", W/"x", "x")"), proceed);
    EXPECT_EQ(if_match(R"(W/"x")"), failed);
    EXPECT_EQ(if_match(R"("y")"), failed);
    EXPECT_EQ(if_match(""), failed);
    EXPECT_EQ(if_match("x"), failed);
    EXPECT_EQ(if_match(R"("x)"), failed);
}

TEST(IfModifiedSince, ComparesSeconds)
{
    EXPECT_EQ(verdict({.if_modified_since = before}), proceed);
    EXPECT_EQ(verdict({.if_modified_since = same}), not_modified);
    EXPECT_EQ(verdict({.if_modified_since = after}), not_modified);
    EXPECT_EQ(verdict({.if_modified_since = "Sunday, 06-Nov-94 08:49:37 GMT"}), not_modified);
    EXPECT_EQ(verdict({.if_modified_since = "Sun Nov  6 08:49:37 1994"}), not_modified);
    EXPECT_EQ(verdict({.if_modified_since = "Tue, 19 Jan 2038 03:14:08 GMT"}), not_modified);
}

TEST(IfUnmodifiedSince, ComparesSeconds)
{
    EXPECT_EQ(verdict({.if_unmodified_since = before}), failed);
    EXPECT_EQ(verdict({.if_unmodified_since = same}), proceed);
    EXPECT_EQ(verdict({.if_unmodified_since = after}), proceed);
}

TEST(Conditional, MalformedDatesAreNoCondition)
{
    for (const auto* date : {"", "yesterday", "Sun, 06 Nov 1994 08:49:37 CET", "99999999999"}) {
        EXPECT_EQ(verdict({.if_modified_since = date}), proceed) << date;
        EXPECT_EQ(verdict({.if_unmodified_since = date}), proceed) << date;
    }
}

TEST(Conditional, TagsTakeTheDatesPlace)
{
    EXPECT_EQ(verdict({.if_none_match = R"("y")", .if_modified_since = after}), proceed);
    EXPECT_EQ(verdict({.if_none_match = "malformed", .if_modified_since = after}), proceed);
    EXPECT_EQ(verdict({.if_none_match = "", .if_modified_since = after}), proceed);
    EXPECT_EQ(verdict({.if_none_match = R"("x")", .if_modified_since = before}), not_modified);
    EXPECT_EQ(verdict({.if_match = R"("x")", .if_unmodified_since = before}), proceed);
    EXPECT_EQ(verdict({.if_match = R"("y")", .if_unmodified_since = after}), failed);
}

TEST(Conditional, OrderOfRfc9110)
{
    EXPECT_EQ(verdict({.if_match = R"("y")", .if_none_match = R"("x")"}), failed);
    EXPECT_EQ(verdict({.if_match = R"("x")", .if_none_match = R"("x")"}), not_modified);
    EXPECT_EQ(verdict({.if_unmodified_since = before, .if_none_match = "*"}), failed);
    EXPECT_EQ(verdict({.if_unmodified_since = after, .if_modified_since = before}), proceed);
    EXPECT_EQ(verdict({.if_unmodified_since = same, .if_modified_since = same}), not_modified);
}

TEST(Conditional, TenThousandTags)
{
    std::string value;
    for (int i = 0; i < 10000; ++i) {
        value += '"' + std::to_string(i) + "\", ";
    }
    EXPECT_EQ(if_none_match(value), proceed);
    EXPECT_EQ(if_none_match(value + R"("x")"), not_modified);
    EXPECT_EQ(if_none_match(std::string(1'000'000, ',')), proceed);
    EXPECT_EQ(if_none_match(std::string(1'000'000, '"')), proceed);
    EXPECT_EQ(if_none_match(std::string(1'000'000, ' ')), proceed);
}

}  // namespace
}  // namespace gatehouse::http
