#include "sidecar/base/turns.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

constexpr Turns::Kind urgent{true, false}, other{false, false}, hung{false, true},
    urgent_hung{true, true};

/// How many of a kind may begin.
int begun(Turns& turns, Turns::Kind kind)
{
    int count = 0;
    for (; turns.may_begin(kind) && count < 100; ++count) {
        turns.begin(kind);
    }
    return count;
}

TEST(Turns, AllPlacesAreForWhatIsUrgent)
{
    Turns turns{4};
    EXPECT_EQ(begun(turns, urgent), 4);
    EXPECT_EQ(begun(turns, other), 0);
    turns.end(urgent);
    EXPECT_EQ(begun(turns, other), 1);
}

TEST(Turns, OnePlaceIsKeptForWhatIsUrgent)
{
    Turns turns{4};
    EXPECT_EQ(begun(turns, other), 3);
    EXPECT_EQ(begun(turns, urgent), 1);
}

TEST(Turns, WhatHangsHoldsHalfOfThem)
{
    Turns turns{4};
    EXPECT_EQ(begun(turns, hung), 2);
    EXPECT_EQ(begun(turns, urgent_hung), 0) << "whatever its urgency";
    EXPECT_EQ(begun(turns, other), 1);
    EXPECT_EQ(begun(turns, urgent), 1);
    turns.end(hung);
    EXPECT_EQ(begun(turns, urgent_hung), 1);
}

TEST(Turns, AnOnlyPlaceIsForEverybody)
{
    for (const auto kind : {urgent, other, hung, urgent_hung}) {
        Turns turns{1};
        EXPECT_EQ(begun(turns, kind), 1);
    }
}

TEST(Turns, FewerPlacesWaitForThoseThatRun)
{
    Turns turns{3};
    EXPECT_EQ(begun(turns, urgent), 3);
    turns.set_places(2);
    turns.end(urgent);
    EXPECT_EQ(begun(turns, urgent), 0);
    turns.end(urgent);
    EXPECT_EQ(begun(turns, urgent), 1);
}

}  // namespace
}  // namespace gatehouse::sidecar
