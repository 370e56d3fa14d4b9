#include "sidecar/base/log.h"

#include <gtest/gtest.h>

#include "sidecar/base/repeats.h"

namespace gatehouse::sidecar::log {
namespace {

constexpr std::int64_t new_year_2026 = 1'767'225'600'000;

TEST(Log, OneJsonObjectPerEvent)
{
    EXPECT_EQ(json_line({new_year_2026 + 7,
                         Level::warning,
                         "gatehouse.cards",
                         "card failed",
                         {{"card", "a"}, {"rows", 3}, {"ok", false}, {"load", 0.5}}}),
              R"({"timestamp":"2026-01-01T00:00:00.007Z","level":"warning",)"
              R"("name":"gatehouse.cards","message":"card failed",)"
              R"("card":"a","rows":3,"ok":false,"load":0.5})");
}

TEST(Log, TextForPeople)
{
    EXPECT_EQ(text_line({new_year_2026,
                         Level::info,
                         "gatehouse.link",
                         "worker connected",
                         {{"pid", 7}, {"why", "a b"}}}),
              R"(2026-01-01T00:00:00.000Z info gatehouse.link worker connected pid=7 why="a b")");
}

TEST(Log, NoValueAddsALineOrAField)
{
    const std::string nasty = "a\n\x1b[31m\",\"level\":\"x\r";
    for (const auto& line : {json_line({0, Level::info, "n", "e", {{"k", nasty}}}),
                             text_line({0, Level::info, "n", "e", {{"k", nasty}}})}) {
        for (const char c : line) {
            EXPECT_GE(static_cast<unsigned char>(c), 0x20);
        }
        EXPECT_NE(line.find(R"(\",\"level\":\"x)"), std::string::npos);
    }
}

TEST(Log, CutsLongValuesBetweenCharacters)
{
    const auto line =
        json_line({0, Level::info, "n", "e", {{"k", std::string(255, 'x') + "\u20ac"}}});
    EXPECT_NE(line.find(std::string(255, 'x') + "\"}"), std::string::npos);
    EXPECT_LT(json_line({0, Level::info, "n", "e", {{"k", std::string(1 << 20, 'x')}}}).size(),
              400u);
}

TEST(Log, TheAreaIsTheFolderOfTheSource)
{
    EXPECT_EQ(name_of_source("/home/sidecar/gatehouse/sidecar/cards/agent.cpp"), "gatehouse.cards");
    EXPECT_EQ(name_of_source("sidecar/base/pool.h"), "gatehouse.base");
    EXPECT_EQ(name_of_source("/x/sidecar/main.cpp"), "gatehouse");
    EXPECT_EQ(name_of_source("src/base/result.h"), "gatehouse");
}

TEST(Repeats, SaysTheSameOnceAMinute)
{
    Repeats repeats{60'000};
    EXPECT_TRUE(repeats.worth_saying("card", "disk full", 0));
    EXPECT_FALSE(repeats.worth_saying("card", "disk full", 59'999));
    EXPECT_TRUE(repeats.worth_saying("other", "disk full", 10));
    EXPECT_TRUE(repeats.worth_saying("card", "no such file", 20));
    EXPECT_TRUE(repeats.worth_saying("card", "disk full", 30));
    EXPECT_TRUE(repeats.worth_saying("card", "disk full", 60'030));
    repeats.forget("card");
    EXPECT_TRUE(repeats.worth_saying("card", "disk full", 60'031));
}

}  // namespace
}  // namespace gatehouse::sidecar::log
