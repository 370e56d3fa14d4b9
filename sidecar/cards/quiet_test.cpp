#include "sidecar/cards/quiet.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

using Event = Quiet::Event;

TEST(Quiet, ManyEventsAreOne)
{
    Quiet quiet;
    EXPECT_FALSE(quiet.due_ms());
    for (std::int64_t ms = 0; ms <= 50; ms += 10) {
        quiet.note(Event::finished, ms);
    }
    EXPECT_EQ(quiet.due_ms(), 150);
    EXPECT_FALSE(quiet.take(149));
    EXPECT_TRUE(quiet.take(150));
    EXPECT_FALSE(quiet.take(150));
}

TEST(Quiet, AWriterIsGivenTimeToFinish)
{
    Quiet quiet;
    quiet.note(Event::written, 0);
    EXPECT_EQ(quiet.due_ms(), 1000);
    quiet.note(Event::finished, 10);  // it has
    EXPECT_EQ(quiet.due_ms(), 110);
}

TEST(Quiet, AnotherFilesWriterDoesNotHoldUpOneThatIsDone)
{
    Quiet quiet;
    quiet.note(Event::finished, 0);
    quiet.note(Event::written, 50);
    EXPECT_EQ(quiet.due_ms(), 100);
    EXPECT_TRUE(quiet.take(100));
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
