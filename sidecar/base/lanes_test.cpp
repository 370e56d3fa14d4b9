#include "sidecar/base/lanes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <iterator>
#include <latch>
#include <semaphore>
#include <thread>
#include <vector>

namespace gatehouse::sidecar {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Tasks that end when they are let, and how many have begun.
class Held {
public:
    explicit Held(Lanes& lanes) : lanes_(lanes) {}

    void submit(const Lane& lane, const std::string& who)
    {
        lanes_.submit(lane, who, [this] {
            ++begun_;
            begun_.notify_all();
            release_.acquire();
        });
    }
    void wait_for_begun(int count)
    {
        for (int begun = begun_; begun < count; begun = begun_) {
            begun_.wait(begun);
        }
    }
    int begun() const { return begun_; }
    void release(int count) { release_.release(count); }

private:
    Lanes& lanes_;
    std::atomic<int> begun_{0};
    std::counting_semaphore<> release_{0};
};

/// Returns when a task of this lane has run.
void run_one(Lanes& lanes, const Lane& lane, const std::string& who)
{
    std::latch ran{1};
    lanes.submit(lane, who, [&] { ran.count_down(); });
    ran.wait();
}

constexpr seconds never{1'000'000};

TEST(Lanes, ALaneDoesNotWaitForAnother)
{
    Lanes lanes{"test", never};
    Held held{lanes};
    for (int i = 0; i < 5; ++i) {
        held.submit({"database", 2, 3}, "card");
    }
    held.wait_for_begun(2);
    run_one(lanes, {"", 1, 0}, "another");
    EXPECT_EQ(held.begun(), 2);
    held.release(5);
    EXPECT_TRUE(lanes.wait_idle(seconds{10}));
    EXPECT_EQ(held.begun(), 5);
}

TEST(Lanes, WhatTakesLongMakesRoomForOthers)
{
    Lanes lanes{"test", milliseconds{1}};
    Held held{lanes};
    const Lane lane{"", 2, 8};
    held.submit(lane, "a");
    held.submit(lane, "b");
    run_one(lanes, lane, "c");  // ends only if it begins while they run
    held.release(2);
    EXPECT_TRUE(lanes.wait_idle(seconds{10}));
}

TEST(Lanes, NotMoreThanSoManyMakeRoom)
{
    Lanes lanes{"test", milliseconds{1}};
    Held held{lanes};
    const Lane lane{"", 1, 2};
    for (int i = 0; i < 5; ++i) {
        held.submit(lane, "card " + std::to_string(i));
    }
    held.wait_for_begun(3);
    EXPECT_FALSE(lanes.wait_idle(milliseconds{20}));
    EXPECT_EQ(held.begun(), 3);
    held.release(5);
    EXPECT_TRUE(lanes.wait_idle(seconds{10}));
}

TEST(Lanes, WhoTookLongLastTimeTakesNoPlaceOfOthers)
{
    Lanes lanes{"test", milliseconds{100}};
    const Lane lane{"", 1, 8};
    {
        Held held{lanes};
        held.submit(lane, "slow");
        run_one(lanes, lane, "another");
        held.release(1);
        ASSERT_TRUE(lanes.wait_idle(seconds{10}));
    }
    Held held{lanes};
    held.submit(lane, "slow");
    held.submit(lane, "slow");
    held.wait_for_begun(1);
    const auto before = std::chrono::steady_clock::now();
    run_one(lanes, lane, "another");
    EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds{100});
    EXPECT_EQ(held.begun(), 1);  // as many as there are places
    held.release(2);
    EXPECT_TRUE(lanes.wait_idle(seconds{10}));
}

TEST(Lanes, InTurnNoTwoOfOneRunAtOnce)
{
    Lanes lanes{"test", milliseconds{1}};
    const Lane lane{"", 2, 8, true};
    Held held{lanes};
    held.submit(lane, "one");
    held.wait_for_begun(1);
    std::vector<int> order;
    for (int i = 0; i < 3; ++i) {
        lanes.submit(lane, "one", [&, i] { order.push_back(i); });
    }
    run_one(lanes, lane, "another");
    EXPECT_TRUE(order.empty());
    held.release(1);
    EXPECT_TRUE(lanes.wait_idle(seconds{10}));
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(Lanes, ABurstTakesNoMoreThreadsThanMayWork)
{
    const auto threads = [] {
        return std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, {});
    };
    const auto before = threads();
    Lanes lanes{"test"};
    std::counting_semaphore<> held{0};
    for (int i = 0; i < 64; ++i) {
        lanes.submit({"", 2, 0}, "card", [&] { held.acquire(); });
    }
    EXPECT_LE(threads() - before, 3);
    held.release(64);
    EXPECT_TRUE(lanes.wait_idle(seconds{10}));
    EXPECT_LE(threads() - before, 3);
}

TEST(Lanes, ForgetsNothingHoweverManySubmit)
{
    Lanes lanes{"test", milliseconds{1}};
    std::atomic<int> done{0};
    {
        std::vector<std::jthread> submitters;
        for (int each = 0; each < 4; ++each) {
            submitters.emplace_back([&, each] {
                for (int i = 0; i < 5000; ++i) {
                    const Lane lane{std::to_string(i % 3), 2, 1, i % 3 == 2};
                    lanes.submit(lane, "card " + std::to_string(each), [&, i] {
                        const auto end =
                            std::chrono::steady_clock::now() + milliseconds{i % 1000 == 0 ? 2 : 0};
                        while (std::chrono::steady_clock::now() < end) {
                        }
                        ++done;
                    });
                }
            });
        }
    }
    EXPECT_TRUE(lanes.wait_idle(seconds{60}));
    EXPECT_EQ(done, 20'000);
}

TEST(Lanes, RunsWhatWasSubmittedBeforeItEnds)
{
    std::atomic<int> done{0};
    {
        Lanes lanes{"test"};
        for (int i = 0; i < 100; ++i) {
            lanes.submit({"", 2, 2}, "card", [&] { ++done; });
        }
    }
    EXPECT_EQ(done, 100);
}

TEST(Lanes, IdleMeansThatWhatTasksHeldIsReleased)
{
    Lanes lanes{"test"};
    auto held = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = held;
    lanes.submit({}, "card", [held = std::move(held)] {});
    EXPECT_TRUE(lanes.wait_idle(seconds{10}));
    EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace gatehouse::sidecar
