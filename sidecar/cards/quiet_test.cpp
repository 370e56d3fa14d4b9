#include "sidecar/cards/quiet.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

using Event = Quiet::Event;

TEST(Quiet, AFileThatIsFinishedIsLookedAtAtOnce)
{
    Quiet quiet;
    EXPECT_FALSE(quiet.due_ms());
    quiet.note("a", Event::finished, 1000);
    EXPECT_EQ(quiet.due_ms(), 1000);
    EXPECT_FALSE(quiet.take(999));
    EXPECT_TRUE(quiet.take(1000));
    EXPECT_FALSE(quiet.take(1000));
}

TEST(Quiet, ManyEventsAfterwardsAreOne)
{
    Quiet quiet;
    quiet.note("a", Event::finished, 0);
    EXPECT_TRUE(quiet.take(0));
    for (std::int64_t ms = 0; ms <= 50; ms += 10) {
        quiet.note("a", Event::finished, ms);
    }
    EXPECT_EQ(quiet.due_ms(), 100);
    EXPECT_FALSE(quiet.take(99));
    EXPECT_TRUE(quiet.take(100));
    EXPECT_FALSE(quiet.take(300));
    quiet.note("a", Event::finished, 300);
    EXPECT_EQ(quiet.due_ms(), 300);
}

TEST(Quiet, AWriterIsGivenTimeToFinish)
{
    Quiet quiet;
    quiet.note("a", Event::begun, 0);
    EXPECT_EQ(quiet.due_ms(), 100);
    quiet.note("a", Event::written, 5);
    EXPECT_EQ(quiet.due_ms(), 1005);
    quiet.note("a", Event::written, 8);
    EXPECT_EQ(quiet.due_ms(), 1008);
    quiet.note("a", Event::finished, 10);  // it has
    EXPECT_EQ(quiet.due_ms(), 10);
}

TEST(Quiet, AFileThatIsBeingWrittenHoldsUpThoseThatAreReadWithIt)
{
    Quiet quiet;
    quiet.note("a", Event::written, 0);
    quiet.note("b", Event::finished, 10);
    EXPECT_EQ(quiet.due_ms(), 1000);
    quiet.note("a", Event::written, 900);
    EXPECT_EQ(quiet.due_ms(), 1900);
    quiet.note("a", Event::finished, 950);
    EXPECT_EQ(quiet.due_ms(), 950);
}

TEST(Quiet, ButNotForEver)
{
    Quiet quiet;
    quiet.note("b", Event::finished, 0);
    for (std::int64_t ms = 0; ms < 5000; ms += 500) {
        quiet.note("a", Event::written, ms);
    }
    EXPECT_EQ(quiet.due_ms(), 5000);
    EXPECT_TRUE(quiet.take(5000));
    EXPECT_FALSE(quiet.due_ms());
}

TEST(Quiet, AFileThatIsAlwaysWrittenToIsLookedAtAllTheSame)
{
    Quiet quiet;
    for (std::int64_t ms = 0; ms < 5000; ms += 100) {
        quiet.note("a", Event::written, ms);
        EXPECT_FALSE(quiet.take(ms));
    }
    EXPECT_EQ(quiet.due_ms(), 5000);
}

}  // namespace
}  // namespace gatehouse::sidecar
