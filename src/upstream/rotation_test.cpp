#include "src/upstream/rotation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse::upstream {
namespace {

constexpr Standing up{false, PeerState::up};
constexpr Standing unknown{};
constexpr Standing down{false, PeerState::down};
constexpr Standing kept_out{true, PeerState::unknown};

using Out = std::vector<bool>;

TEST(UpstreamRotation, PassesByWhoIsDown)
{
    EXPECT_EQ(taken_out(std::vector{up, down, unknown}, false, 0), (Out{false, true, false}));
}

TEST(UpstreamRotation, TakesNoneOutWhereAllAreDown)
{
    EXPECT_EQ(taken_out(std::vector{down, down}, false, 0), (Out{false, false}));
    EXPECT_EQ(taken_out(std::vector{down, kept_out}, false, 0), (Out{false, false}));
    EXPECT_FALSE(any_in(std::vector{down, kept_out}));
}

TEST(UpstreamRotation, LeavesAGroupToAnotherThatIsUp)
{
    EXPECT_EQ(taken_out(std::vector{down, down}, true, 0), (Out{true, true}));
}

TEST(UpstreamRotation, DoesNotTouchWhatIsKeptOut)
{
    EXPECT_EQ(taken_out(std::vector{kept_out, down, up}, false, 0), (Out{false, true, false}));
}

TEST(UpstreamRotation, ForgetsAfterAMinuteInWhichNobodyLooks)
{
    EXPECT_FALSE(verdicts_have_lapsed(false, 0));
    EXPECT_FALSE(verdicts_have_lapsed(false, 59'999));
    EXPECT_TRUE(verdicts_have_lapsed(false, 60'000));
    EXPECT_FALSE(verdicts_have_lapsed(true, 3'600'000));
}

TEST(UpstreamRotation, ReachesItsFullShareInSteps)
{
    EXPECT_EQ(ramp_of(0, 10'000), 1u);
    EXPECT_EQ(ramp_of(999, 10'000), 1u);
    EXPECT_EQ(ramp_of(1000, 10'000), 2u);
    EXPECT_EQ(ramp_of(9999, 10'000), 10u);
    EXPECT_EQ(ramp_of(10'000, 10'000), ramp_steps);
    EXPECT_EQ(ramp_of(-5, 10'000), 1u);
    EXPECT_EQ(ramp_of(0, 0), ramp_steps);
}

TEST(UpstreamRotation, GivesASlowStarterItsPartOfTheTime)
{
    for (unsigned ramp = 1; ramp <= ramp_steps; ++ramp) {
        const std::vector group{up, Standing{false, PeerState::up, ramp}};
        unsigned in = 0;
        for (std::int64_t slot = 0; slot < 1000; ++slot) {
            const auto out = taken_out(group, false, slot * ramp_slot_ms);
            EXPECT_FALSE(out[0]);
            in += out[1] ? 0 : 1;
        }
        EXPECT_EQ(in, ramp * 100) << ramp;
    }
}

TEST(UpstreamRotation, NeverLeavesAGroupOfSlowStartersEmpty)
{
    const std::vector group{Standing{false, PeerState::up, 1}, Standing{false, PeerState::up, 3},
                            down};
    for (std::int64_t slot = 0; slot < 100; ++slot) {
        const auto out = taken_out(group, true, slot * ramp_slot_ms);
        EXPECT_TRUE(!out[0] || !out[1]) << slot;
        EXPECT_TRUE(out[2]);
    }
}

}  // namespace
}  // namespace gatehouse::upstream
