#include "src/base/worker_slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

namespace gatehouse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<unsigned> reaped;

void note(unsigned slot)
{
    reaped.push_back(slot);
}

/// A process that claims a slot and holds it until it is killed.
class Holder {
public:
    explicit Holder(WorkerSlots& slots)
    {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            const auto slot = slots.claim(note);
            const int answer = slot ? static_cast<int>(*slot) : -1;
            (void)!::write(ends[1], &answer, sizeof answer);
            for (;;) {
                ::pause();
            }
        }
        int answer = -1;
        EXPECT_EQ(::read(ends[0], &answer, sizeof answer), static_cast<ssize_t>(sizeof answer));
        slot_ = answer;
        ::close(ends[0]);
        ::close(ends[1]);
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    ~Holder() { kill(); }

    int slot() const { return slot_; }

    void kill()
    {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            pid_ = -1;
        }
    }

private:
    pid_t pid_;
    int slot_;
};

class Slots : public ::testing::Test {
protected:
    void SetUp() override
    {
        reaped.clear();
        auto made = WorkerSlots::create(4);
        ASSERT_TRUE(made);
        slots_ = std::make_unique<WorkerSlots>(std::move(*made));
    }

    std::unique_ptr<WorkerSlots> slots_;
};

TEST_F(Slots, EachProcessHasItsOwn)
{
    const Holder first{*slots_};
    const Holder second{*slots_};
    EXPECT_EQ(first.slot(), 0);
    EXPECT_EQ(second.slot(), 1);
    EXPECT_EQ(slots_->claim(note), 2u);
    EXPECT_EQ(slots_->claim(note), 2u);
    EXPECT_EQ(slots_->mine(), 2u);
    EXPECT_THAT(reaped, IsEmpty());
}

TEST_F(Slots, NoneIsLeftWhenAllAreHeld)
{
    const Holder a{*slots_};
    const Holder b{*slots_};
    const Holder c{*slots_};
    Holder d{*slots_};
    EXPECT_EQ(slots_->claim(note), std::nullopt);
    const Holder e{*slots_};
    EXPECT_EQ(e.slot(), -1);
    d.kill();
    EXPECT_EQ(slots_->claim(note), 3u);
    EXPECT_THAT(reaped, ElementsAre(3));
}

TEST_F(Slots, ADeadHolderIsReapedOnceAndTheLivingNever)
{
    const Holder first{*slots_};
    Holder second{*slots_};
    ASSERT_EQ(slots_->claim(note), 2u);
    slots_->reap_dead(note);
    EXPECT_THAT(reaped, IsEmpty());
    second.kill();
    slots_->reap_dead(note);
    EXPECT_THAT(reaped, ElementsAre(1));
    slots_->reap_dead(note);
    EXPECT_THAT(reaped, ElementsAre(1));
}

TEST_F(Slots, AReapedSlotIsFreeAgain)
{
    const Holder first{*slots_};
    Holder second{*slots_};
    second.kill();
    slots_->reap_dead(note);
    const Holder third{*slots_};
    EXPECT_EQ(third.slot(), 1);
}

TEST_F(Slots, WhoClaimsADeadHoldersSlotReapsItFirst)
{
    Holder first{*slots_};
    first.kill();
    EXPECT_EQ(slots_->claim(note), 0u);
    EXPECT_THAT(reaped, ElementsAre(0));
}

TEST_F(Slots, AProcessWithoutASlotReapsToo)
{
    Holder first{*slots_};
    first.kill();
    slots_->reap_dead(note);
    EXPECT_THAT(reaped, ElementsAre(0));
}

TEST_F(Slots, AHundredKillsLeaveNothingBehind)
{
    const Holder living{*slots_};
    for (int i = 0; i < 100; ++i) {
        Holder victim{*slots_};
        ASSERT_EQ(victim.slot(), 1);
        victim.kill();
        slots_->reap_dead(note);
    }
    EXPECT_EQ(reaped.size(), 100u);
    EXPECT_EQ(std::count(reaped.begin(), reaped.end(), 1u), 100);
}

TEST_F(Slots, ManyAtOnceNeverShareOne)
{
    auto made = WorkerSlots::create(64);
    ASSERT_TRUE(made);
    std::vector<pid_t> children;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    for (int i = 0; i < 64; ++i) {
        children.push_back(::fork());
        if (children.back() == 0) {
            const auto slot = made->claim(note);
            const unsigned answer = slot.value_or(999);
            (void)!::write(ends[1], &answer, sizeof answer);
            for (;;) {
                ::pause();
            }
        }
    }
    std::set<unsigned> claimed;
    for (int i = 0; i < 64; ++i) {
        unsigned answer = 999;
        ASSERT_EQ(::read(ends[0], &answer, sizeof answer), static_cast<ssize_t>(sizeof answer));
        claimed.insert(answer);
    }
    EXPECT_EQ(claimed.size(), 64u);
    EXPECT_EQ(*claimed.rbegin(), 63u);
    for (const pid_t child : children) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
}

}  // namespace
}  // namespace gatehouse
