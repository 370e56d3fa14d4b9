#include "sidecar/health/steadiness.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::checks {
namespace {

using health::State;

/// The states after each run, a letter each: u up, d degraded, x down.
std::string told(const std::string& runs, unsigned fails, unsigned passes)
{
    Steadiness steadiness;
    std::string out;
    for (const char run : runs) {
        const auto measured = run == 'u' ? State::up : run == 'd' ? State::degraded : State::down;
        const auto state = steadiness.take(measured, fails, passes);
        out += state == State::up ? 'u' : state == State::degraded ? 'd' : 'x';
    }
    return out;
}

TEST(Steadiness, TheFirstRunCountsAtOnce)
{
    EXPECT_EQ(told("u", 3, 2), "u");
    EXPECT_EQ(told("x", 3, 2), "x");
    EXPECT_EQ(told("d", 3, 2), "d");
}

TEST(Steadiness, FailsInARowTurnItOver)
{
    EXPECT_EQ(told("uxxx", 3, 2), "uuux");
    EXPECT_EQ(told("uxxuxxx", 3, 2), "uuuuuux");
}

TEST(Steadiness, PassesInARowTurnItBack)
{
    EXPECT_EQ(told("xuu", 3, 2), "xxu");
    EXPECT_EQ(told("xuxuu", 3, 2), "xxxxu");
}

TEST(Steadiness, DegradedIsNotDown)
{
    EXPECT_EQ(told("uduxd", 2, 1), "uduud");
    EXPECT_EQ(told("xd", 2, 1), "xd");
}

TEST(Steadiness, OneEachTurnsItEveryTime)
{
    EXPECT_EQ(told("uxuxd", 1, 1), "uxuxd");
}

}  // namespace
}  // namespace gatehouse::checks
