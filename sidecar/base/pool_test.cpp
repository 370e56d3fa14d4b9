#include "sidecar/base/pool.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <latch>

namespace gatehouse::sidecar {
namespace {

using std::chrono::milliseconds;

TEST(Pool, RunsTasksAtOnceUpToItsThreads)
{
    Pool pool{"test", 2};
    std::latch together{2};  // passed only by two at once
    std::atomic<int> done{0};
    for (int i = 0; i < 2; ++i) {
        pool.submit([&] {
            together.arrive_and_wait();
            ++done;
        });
    }
    EXPECT_TRUE(pool.wait_idle(std::chrono::seconds{10}));
    EXPECT_EQ(done, 2);
}

TEST(Pool, WaitIdleGivesUpAtItsLimit)
{
    std::latch release{1};
    Pool pool{"test", 1};
    pool.submit([&] { release.wait(); });
    EXPECT_FALSE(pool.wait_idle(milliseconds{1}));
    release.count_down();
    EXPECT_TRUE(pool.wait_idle(std::chrono::seconds{10}));
}

TEST(Pool, RunsWhatWasSubmittedBeforeItEnds)
{
    std::atomic<int> done{0};
    {
        Pool pool{"test", 1};
        for (int i = 0; i < 100; ++i) {
            pool.submit([&] { ++done; });
        }
    }
    EXPECT_EQ(done, 100);
}

TEST(Pool, IdleMeansThatWhatTasksHeldIsReleased)
{
    Pool pool{"test", 1};
    auto held = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = held;
    pool.submit([held = std::move(held)] {});
    EXPECT_TRUE(pool.wait_idle(std::chrono::seconds{10}));
    EXPECT_TRUE(watch.expired());
}

TEST(Pool, LeavesSignalsToTheLoop)
{
    Pool pool{"test", 1};
    bool blocked = false;
    pool.submit([&] {
        sigset_t mask;
        ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
        blocked = ::sigismember(&mask, SIGTERM) == 1;
    });
    EXPECT_TRUE(pool.wait_idle(std::chrono::seconds{10}));
    EXPECT_TRUE(blocked);
}

}  // namespace
}  // namespace gatehouse::sidecar
