// From counters to steps, with sums by hand.
#include "sidecar/history/meter.h"

#include <gtest/gtest.h>

#include "sidecar/history/unwritten.h"

namespace gatehouse::history {
namespace {

constexpr std::int64_t start_s = 1'800'000'000;  // a multiple of 3600

Traffic requests(Number count)
{
    Traffic traffic;
    traffic[Traffic::requests] = count;
    return traffic;
}

Counters counters(const std::string& region, std::int64_t began_s, Number count)
{
    return {{region, began_s}, {{"/", requests(count)}}};
}

Number requests_in(const Unwritten& unwritten, const Step& step)
{
    const auto& steps = unwritten.at("/").steps;
    const auto found = steps.find(step);
    return found == steps.end() ? 0 : found->second[Traffic::requests];
}

Number sum_of(const Unwritten& unwritten, std::int64_t length)
{
    Number sum = 0;
    for (const auto& [step, traffic] : unwritten.at("/").steps) {
        sum += step.first == length ? traffic[Traffic::requests] : 0;
    }
    return sum;
}

static_assert(start_s % 3600 == 0);

TEST(Meter, TellsWhatCameSinceTheLastLook)
{
    Meter meter;
    const auto first = meter.take(counters("a", start_s, 5), start_s + 1);
    EXPECT_EQ(first.traffic.at("/"), requests(5)) << "since it began";
    EXPECT_EQ(first.from_s, start_s);
    EXPECT_EQ(first.until_s, start_s + 1);
    EXPECT_TRUE(meter.take(counters("a", start_s, 5), start_s + 2).traffic.empty());
    EXPECT_EQ(meter.take(counters("a", start_s, 9), start_s + 3).traffic.at("/"), requests(4));
}

/// nginx was started anew: another region; one whose counters fell is a new one, too.
TEST(Meter, ANewNginxCountsFromZero)
{
    Meter meter;
    (void)meter.take(counters("a", start_s, 100), start_s + 1);
    EXPECT_EQ(meter.take(counters("b", start_s + 2, 7), start_s + 3).traffic.at("/"), requests(7));
    EXPECT_EQ(meter.take(counters("a", start_s, 30), start_s + 4).traffic.at("/"), requests(30));
}

TEST(Meter, GoesOnFromWhatWasWritten)
{
    Meter meter;
    meter.resume({{"a", {start_s + 10, {{"/", requests(40)}}}}});
    const auto growth = meter.take(counters("a", start_s, 55), start_s + 100);
    EXPECT_EQ(growth.traffic.at("/"), requests(15));
    EXPECT_EQ(growth.from_s, start_s + 10);
    meter.keep_only({});
    EXPECT_FALSE(meter.knows("a"));
}

TEST(Meter, AClockThatWasPutBackLosesNothing)
{
    Meter meter;
    (void)meter.take(counters("a", start_s, 1), start_s + 1000);
    const auto growth = meter.take(counters("a", start_s, 4), start_s + 1);
    EXPECT_EQ(growth.traffic.at("/"), requests(3));
    EXPECT_EQ(growth.from_s, start_s) << "in the second that ends now";
    EXPECT_EQ(growth.until_s, start_s + 1);
    Meter other;
    EXPECT_EQ(other.take(counters("b", -1, 4), start_s).from_s, start_s - 400 * 86'400);
}

TEST(Unwritten, WhatCameInASecondIsInAStepOfEveryLength)
{
    Unwritten unwritten;
    add(unwritten, {"a", start_s + 69, start_s + 70, {{"/", requests(3)}}}, {{"/", requests(3)}});
    add(unwritten, {"a", start_s + 70, start_s + 71, {{"/", requests(4)}}}, {{"/", requests(7)}});
    add(unwritten, {"b", start_s + 120, start_s + 121, {{"/", requests(8)}}}, {{"/", requests(9)}});
    EXPECT_EQ(requests_in(unwritten, {10, start_s + 60}), 3);
    EXPECT_EQ(requests_in(unwritten, {10, start_s + 70}), 4);
    EXPECT_EQ(requests_in(unwritten, {10, start_s + 120}), 8);
    EXPECT_EQ(requests_in(unwritten, {60, start_s + 60}), 7);
    EXPECT_EQ(requests_in(unwritten, {60, start_s + 120}), 8);
    EXPECT_EQ(requests_in(unwritten, {3600, start_s}), 15);
    EXPECT_EQ(unwritten.at("/").counters.at("a"), requests(7)) << "the last ones";
    EXPECT_EQ(unwritten.at("/").counters.at("b"), requests(9));
}

/// Thirty minutes are 180 steps of ten seconds, three days 72 hours.
TEST(Unwritten, WhatNobodyCountedIsSpreadOverThatTime)
{
    Unwritten unwritten;
    add(unwritten, {"a", start_s, start_s + 1800, {{"/", requests(360)}}}, {{"/", requests(360)}});
    EXPECT_EQ(requests_in(unwritten, {10, start_s}), 2);
    EXPECT_EQ(requests_in(unwritten, {10, start_s + 1790}), 2);
    EXPECT_EQ(requests_in(unwritten, {60, start_s + 60}), 12);
    EXPECT_EQ(requests_in(unwritten, {3600, start_s}), 360);

    Unwritten days;
    add(days, {"a", start_s, start_s + 3 * 86'400, {{"/", requests(100)}}}, {{"/", requests(100)}});
    EXPECT_EQ(sum_of(days, 10), 0);
    EXPECT_EQ(sum_of(days, 60), 0);
    EXPECT_EQ(sum_of(days, 3600), 100);
    EXPECT_EQ(days.at("/").steps.size(), 72u);
}

}  // namespace
}  // namespace gatehouse::history
