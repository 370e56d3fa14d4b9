#include "src/http/field.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::http {
namespace {

std::vector<std::string> members(std::string_view field)
{
    std::vector<std::string> all;
    WeightedList list(field);
    for (WeightedMember member; list.next(member);) {
        all.push_back(std::string(member.name) + "=" + std::to_string(member.weight) +
                      (member.has_parameters ? "+" : ""));
    }
    return all;
}

using Names = std::vector<std::string>;

TEST(Weight, FollowsTheGrammarOfRfc9110)
{
    EXPECT_EQ(parse_weight("0"), 0);
    EXPECT_EQ(parse_weight("0."), 0);
    EXPECT_EQ(parse_weight("0.000"), 0);
    EXPECT_EQ(parse_weight("0.5"), 500);
    EXPECT_EQ(parse_weight("0.05"), 50);
    EXPECT_EQ(parse_weight("0.005"), 5);
    EXPECT_EQ(parse_weight("0.999"), 999);
    EXPECT_EQ(parse_weight("1"), 1000);
    EXPECT_EQ(parse_weight("1."), 1000);
    EXPECT_EQ(parse_weight("1.000"), 1000);
}

TEST(Weight, RefusesTheRest)
{
    for (const auto* text : {"", ".5", "1.001", "1.1", "2", "0.1234", "-0", "+1", "0,5", "0.5 ",
                             " 0", "00", "01", "0.a", "NaN", "1e0", "0x1", "\"1\""}) {
        EXPECT_FALSE(parse_weight(text)) << text;
    }
}

TEST(WeightedList, SplitsAndTrims)
{
    EXPECT_EQ(members("a,b;q=0.5 ,\tc ; q=0.1;Q=x"), (Names{"a=1000", "b=500"}));
    EXPECT_EQ(members("a;Q=0.25"), (Names{"a=250"}));
    EXPECT_EQ(members(", ,,a,, \t,b,"), (Names{"a=1000", "b=1000"}));
    EXPECT_EQ(members(""), Names{});
    EXPECT_EQ(members(" , "), Names{});
}

TEST(WeightedList, KnowsOtherParameters)
{
    EXPECT_EQ(members("a;level=1;q=0.4, b; charset=\"utf-8\"; ;"), (Names{"a=400+", "b=1000+"}));
}

TEST(WeightedList, LeavesMalformedMembersOut)
{
    EXPECT_EQ(members("a;q=1.5, b;q, c;q=, d;q =1, e;=1, f;x, ;q=1, g"), (Names{"g=1000"}));
    EXPECT_EQ(members("a;q=0.5;q=0.6, b"), (Names{"b=1000"}));
}

TEST(WeightedList, SeparatesOutsideOfQuotesOnly)
{
    EXPECT_EQ(members(R"(a;x="1,2;q=0.1";q=0.5, b)"), (Names{"a=500+", "b=1000"}));
    EXPECT_EQ(members(R"(a;x="\",";q=0.5, b)"), (Names{"a=500+", "b=1000"}));
    EXPECT_EQ(members(R"(a;x="never closed, b, c)"), (Names{"a=1000+"}));
    EXPECT_EQ(members("a;x=\"ends in a backslash\\"), (Names{"a=1000+"}));
}

TEST(WeightedList, ReadsOnlyTheFrontOfALongField)
{
    std::string field = "a";
    while (field.size() < 1'000'000) {
        field += ", b;q=0.5";
    }
    const auto found = members(field + ", last");
    EXPECT_EQ(found.front(), "a=1000");
    EXPECT_EQ(found.back(), "b=500");  // no half member at the cut
    EXPECT_LE(found.size(), max_list_bytes / 9 + 1);
    EXPECT_EQ(members(std::string(1'000'000, 'x')), Names{});
}

}  // namespace
}  // namespace gatehouse::http
