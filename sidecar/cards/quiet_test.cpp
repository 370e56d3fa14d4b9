#include "sidecar/cards/quiet.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

using Event = Quiet::Event;

TEST(Quiet, AFileThatIsFinishedIsLookedAtAtOnce)
{
    Quiet quiet;
    EXPECT_FALSE(quiet.due_ms());
    quiet.note(Event::finished, 1000);
    EXPECT_EQ(quiet.due_ms(), 1000);
    EXPECT_FALSE(quiet.take(999));
    EXPECT_TRUE(quiet.take(1000));
    EXPECT_FALSE(quiet.take(1000));
}

TEST(Quiet, ManyEventsAfterwardsAreOne)
{
    Quiet quiet;
    quiet.note(Event::finished, 0);
    EXPECT_TRUE(quiet.take(0));
    for (std::int64_t ms = 0; ms <= 50; ms += 10) {
        quiet.note(Event::finished, ms);
    }
    EXPECT_EQ(quiet.due_ms(), 100);
    EXPECT_FALSE(quiet.take(99));
    EXPECT_TRUE(quiet.take(100));
    EXPECT_FALSE(quiet.take(300));
    quiet.note(Event::finished, 300);
    EXPECT_EQ(quiet.due_ms(), 300);
}

TEST(Quiet, AWriterIsGivenTimeToFinish)
{
    Quiet quiet;
    quiet.note(Event::begun, 0);
    EXPECT_EQ(quiet.due_ms(), 100);
    quiet.note(Event::written, 5);
    EXPECT_EQ(quiet.due_ms(), 1005);
    quiet.note(Event::written, 8);
    EXPECT_EQ(quiet.due_ms(), 1008);
    quiet.note(Event::finished, 10);  // it has
    EXPECT_EQ(quiet.due_ms(), 10);
}

TEST(Quiet, AnotherFilesWriterDoesNotHoldUpOneThatIsDone)
{
    Quiet quiet;
    quiet.note(Event::finished, 0);
    quiet.note(Event::written, 0);
    quiet.note(Event::begun, 0);
    EXPECT_EQ(quiet.due_ms(), 0);
    EXPECT_TRUE(quiet.take(0));
    quiet.note(Event::written, 200);
    EXPECT_EQ(quiet.due_ms(), 1200);
}

TEST(Quiet, AFileThatIsAlwaysWrittenToIsLookedAtAllTheSame)
{
    Quiet quiet;
    for (std::int64_t ms = 0; ms < 5000; ms += 100) {
        quiet.note(Event::written, ms);
        EXPECT_FALSE(quiet.take(ms));
    }
    EXPECT_EQ(quiet.due_ms(), 5000);
}

}  // namespace
}  // namespace gatehouse::sidecar
