#include "sidecar/cards/schedule.h"

#include <gtest/gtest.h>

namespace gatehouse::sidecar {
namespace {

constexpr std::int64_t epoch = 1'000'000'000'000;

/// An instant `ms` after the tests' beginning, on both clocks.
Now at(std::int64_t ms)
{
    return {ms, epoch + ms};
}

Rhythm on_change(std::int64_t verify_ms)
{
    return {{}, {}, Milliseconds{verify_ms}};
}

Rhythm every(std::int64_t ms)
{
    return {Milliseconds{ms}, {}, {}};
}

/// Starts what is ready and ends it so.
void run(Schedule& schedule, std::int64_t from, std::int64_t to, Finish finish = Finish::computed)
{
    ASSERT_NE(schedule.ready(at(from)), Work::none);
    schedule.start(at(from));
    schedule.finish(finish, at(to));
}

TEST(Schedule, ComputesAtOnceThenVerifies)
{
    Schedule schedule{on_change(30'000)};
    EXPECT_EQ(schedule.ready(at(0)), Work::compute);
    run(schedule, 0, 500);
    EXPECT_EQ(schedule.ready(at(500)), Work::none);
    EXPECT_EQ(schedule.wait(at(500)).count(), 30'000);
    EXPECT_EQ(schedule.ready(at(30'499)), Work::none);
    EXPECT_EQ(schedule.ready(at(30'500)), Work::verify);
    run(schedule, 30'500, 30'501, Finish::unchanged);
    EXPECT_EQ(schedule.ready(at(60'500)), Work::none);
    EXPECT_EQ(schedule.ready(at(60'501)), Work::verify);
}

TEST(Schedule, IsResumedWhereItWasLeft)
{
    Schedule interval{every(60'000)};
    interval.resume(epoch - 20'000, at(0));
    EXPECT_EQ(interval.ready(at(39'999)), Work::none);
    EXPECT_EQ(interval.ready(at(40'000)), Work::verify);
    Schedule missed{every(60'000)};
    missed.resume(epoch - 61'000, at(0));
    EXPECT_EQ(missed.ready(at(0)), Work::verify);
    Schedule watched{on_change(30'000)};
    watched.resume(epoch - 61'000, at(0));
    EXPECT_EQ(watched.ready(at(29'999)), Work::none);
    EXPECT_EQ(watched.ready(at(30'000)), Work::verify);
}

TEST(Schedule, ACronRunThatWasMissedIsDue)
{
    const auto hourly = [](std::int64_t after) {
        return std::optional{(after / 3'600'000 + 1) * 3'600'000};
    };
    const std::int64_t hour = epoch / 3'600'000 * 3'600'000;
    Schedule missed{{{}, hourly, {}}};
    missed.resume(hour - 1, at(0));
    EXPECT_EQ(missed.ready(at(0)), Work::compute);
    Schedule done{{{}, hourly, {}}};
    done.resume(hour, at(0));
    EXPECT_EQ(done.ready(at(0)), Work::none);
    EXPECT_EQ(done.next_computation(at(0)), hour + 3'600'000);
}

TEST(Schedule, WhatIsChangedIsComputed)
{
    Schedule schedule{on_change(30'000)};
    run(schedule, 0, 10);
    schedule.want(Work::verify);
    EXPECT_EQ(schedule.ready(at(20)), Work::verify);
    run(schedule, 20, 21, Finish::changed);
    EXPECT_EQ(schedule.ready(at(21)), Work::compute);
}

TEST(Schedule, NeverTwoRunsAtOnce)
{
    Schedule schedule{every(1000)};
    schedule.start(at(0));
    schedule.want(Work::compute);
    for (const std::int64_t ms : {0, 1000, 60'000}) {
        EXPECT_EQ(schedule.ready(at(ms)), Work::none);
    }
    EXPECT_TRUE(schedule.computing());
}

TEST(Schedule, ChangesDuringARunLeadToExactlyOneMore)
{
    Schedule schedule{on_change(30'000)};
    schedule.start(at(0));
    for (int i = 0; i < 100; ++i) {
        schedule.want(i == 50 ? Work::compute : Work::verify);
    }
    schedule.finish(Finish::computed, at(100));
    EXPECT_EQ(schedule.ready(at(100)), Work::compute);
    run(schedule, 100, 200);
    EXPECT_EQ(schedule.ready(at(200)), Work::none);
}

TEST(Schedule, IntervalCountsFromDueToDueAndSkipsWhatWasMissed)
{
    Schedule schedule{every(1000)};
    run(schedule, 0, 300);
    EXPECT_EQ(schedule.wait(at(300)).count(), 700);
    EXPECT_FALSE(schedule.late(at(999)));
    EXPECT_EQ(schedule.late(at(1040)), Milliseconds{40});
    run(schedule, 1040, 1100);  // late itself, but the next one is not
    EXPECT_EQ(schedule.wait(at(1100)).count(), 900);
    run(schedule, 2000, 4500);  // longer than the interval
    EXPECT_EQ(schedule.ready(at(4500)), Work::verify);
    run(schedule, 4500, 4600);
    EXPECT_EQ(schedule.ready(at(5499)), Work::none);
    EXPECT_EQ(schedule.ready(at(5500)), Work::verify);
}

TEST(Schedule, TheFirstIntervalMayBeShorter)
{
    Schedule schedule{{.interval = Milliseconds{1000}, .first = Milliseconds{300}}};
    run(schedule, 0, 10);
    EXPECT_EQ(schedule.wait(at(10)).count(), 290);
    run(schedule, 300, 301, Finish::unchanged);
    EXPECT_EQ(schedule.wait(at(301)).count(), 999);
    Schedule resumed{{.interval = Milliseconds{1000}, .first = Milliseconds{300}}};
    resumed.resume(epoch - 100, at(0));
    EXPECT_EQ(resumed.wait(at(0)).count(), 900) << "when it would have been";
}

TEST(Schedule, AnIntervalsSourcesAreLookedAtBeforeItIsComputed)
{
    Schedule schedule{every(1000)};
    EXPECT_EQ(schedule.ready(at(0)), Work::compute);
    run(schedule, 0, 10);
    EXPECT_EQ(schedule.ready(at(1000)), Work::verify);
    run(schedule, 1000, 1001, Finish::unchanged);
    EXPECT_EQ(schedule.wait(at(1001)).count(), 999);
    run(schedule, 2000, 2001, Finish::changed);
    EXPECT_EQ(schedule.ready(at(2001)), Work::compute);
    run(schedule, 2001, 2500, Finish::failed);  // the rest of the same run
    EXPECT_EQ(schedule.wait(at(2500)).count(), 500);
    EXPECT_EQ(schedule.ready(at(3000)), Work::compute);  // nothing good to compare with
}

TEST(Schedule, RetriesAfterDoublingWaitsUpToAMinute)
{
    Schedule schedule{on_change(600'000)};
    std::int64_t now = 0;
    for (const std::int64_t wait : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
        run(schedule, now, now, Finish::failed);
        EXPECT_EQ(schedule.ready(at(now + wait * 1000 - 1)), Work::none);
        EXPECT_EQ(schedule.next_computation(at(now)), epoch + now + wait * 1000);
        now += wait * 1000;
        EXPECT_EQ(schedule.ready(at(now)), Work::compute);
    }
    EXPECT_EQ(schedule.failures(), 9u);
    run(schedule, now, now, Finish::computed);
    EXPECT_EQ(schedule.failures(), 0u);
    EXPECT_EQ(schedule.next_computation(at(now)), std::nullopt);
}

TEST(Schedule, AChangeOfSourcesNeedNotWaitForTheRetry)
{
    Schedule schedule{on_change(600'000)};
    for (int i = 0; i < 7; ++i) {
        schedule.want(Work::compute);
        run(schedule, 0, 0, Finish::failed);
    }
    schedule.want(Work::verify);
    run(schedule, 10, 10, Finish::changed);
    EXPECT_EQ(schedule.ready(at(10)), Work::compute);
}

TEST(Schedule, VerifyingAFailedCardKeepsItsRetry)
{
    Schedule schedule{on_change(600'000)};
    run(schedule, 0, 0, Finish::failed);
    schedule.want(Work::verify);
    run(schedule, 100, 100, Finish::unchanged);
    EXPECT_EQ(schedule.ready(at(999)), Work::none);
    EXPECT_EQ(schedule.ready(at(1000)), Work::compute);
}

TEST(Schedule, CronFollowsUnixTime)
{
    // Every full ten minutes.
    Rhythm rhythm{
        {}, [](std::int64_t after) { return std::optional{(after / 600'000 + 1) * 600'000}; }, {}};
    Schedule schedule{rhythm};
    schedule.start({0, 1'200'000});
    schedule.finish(Finish::computed, {5, 1'200'005});
    EXPECT_EQ(schedule.next_computation({5, 1'200'005}), 1'800'000);
    EXPECT_EQ(schedule.ready({100, 1'799'999}), Work::none);
    EXPECT_EQ(schedule.ready({100, 1'800'000}), Work::compute);  // the clock was stepped
    EXPECT_LE(schedule.wait({6, 1'200'006}), Schedule::longest_wait);
}

TEST(Schedule, AnotherRhythmReplacesTheOldOne)
{
    Schedule schedule{every(1000)};
    run(schedule, 0, 10);
    schedule.change(on_change(30'000), at(10));
    EXPECT_EQ(schedule.ready(at(1000)), Work::none);
    EXPECT_EQ(schedule.ready(at(30'010)), Work::verify);
}

}  // namespace
}  // namespace gatehouse::sidecar
