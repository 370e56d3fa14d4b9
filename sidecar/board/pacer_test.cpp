#include "sidecar/board/pacer.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

using Urgency = Pacer::Urgency;

TEST(Pacer, WritesSoonAfterTheFirstOfManyChanges)
{
    Pacer pacer;
    EXPECT_EQ(pacer.due_ms(), std::nullopt);
    for (std::int64_t ms = 1000; ms < 1100; ms += 10) {
        pacer.changed(Urgency::soon, ms);
    }
    EXPECT_EQ(pacer.due_ms(), 1200);
}

TEST(Pacer, TimesAloneWaitButDoNotPostponeOtherChanges)
{
    Pacer pacer;
    pacer.changed(Urgency::lazy, 0);
    EXPECT_EQ(pacer.due_ms(), 10'000);
    pacer.changed(Urgency::soon, 500);
    EXPECT_EQ(pacer.due_ms(), 700);
    pacer.changed(Urgency::lazy, 600);
    EXPECT_EQ(pacer.due_ms(), 700);
}

TEST(Pacer, AtLeastASecondAndTenTimesTheLastWriteApart)
{
    Pacer pacer;
    pacer.changed(Urgency::soon, 0);
    pacer.started(200);
    pacer.changed(Urgency::soon, 210);
    EXPECT_EQ(pacer.due_ms(), std::nullopt);  // one write at a time
    pacer.finished(true, 220);
    EXPECT_EQ(pacer.due_ms(), 1200);
    pacer.started(1200);
    pacer.finished(true, 1700);  // a slow disk
    EXPECT_EQ(pacer.due_ms(), std::nullopt);
    pacer.changed(Urgency::soon, 1800);
    EXPECT_EQ(pacer.due_ms(), 1200 + 5000);
}

TEST(Pacer, AFailedWriteIsTriedAgain)
{
    Pacer pacer;
    pacer.changed(Urgency::soon, 0);
    pacer.started(200);
    pacer.finished(false, 210);
    EXPECT_TRUE(pacer.pending());
    EXPECT_EQ(pacer.due_ms(), 210 + Pacer::after_failure_ms);
}

}  // namespace
}  // namespace gatehouse::sidecar
