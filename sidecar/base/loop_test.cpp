#include "sidecar/base/loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace gatehouse::sidecar {
namespace {

using std::chrono::milliseconds;

TEST(Loop, RunsTasksOfOtherThreadsUntilStopped)
{
    Loop loop;
    int ran = 0;
    std::thread other([&] {
        loop.post([&] { ++ran; });
        loop.post([&] { loop.stop(); });
    });
    EXPECT_TRUE(loop.run());
    other.join();
    EXPECT_EQ(ran, 1);
}

TEST(Loop, RunsAgainAfterAStop)
{
    Loop loop;
    loop.stop();
    EXPECT_TRUE(loop.run());
    bool ran = false;
    loop.post([&] {
        ran = true;
        loop.stop();
    });
    EXPECT_TRUE(loop.run());
    EXPECT_TRUE(ran);
}

TEST(Loop, WhatATaskThrowsIsTheResult)
{
    Loop loop;
    loop.post([] { throw std::runtime_error("a bug"); });
    const auto ran = loop.run();
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().message, "a bug");
}

TEST(Loop, WhatATimersTaskThrowsIsTheResult)
{
    Loop loop;
    Timer timer(loop);
    timer.start(milliseconds{1}, [] { throw 7; });
    EXPECT_FALSE(loop.run());
}

TEST(Timer, ALaterStartReplacesTheWait)
{
    Loop loop;
    Timer timer(loop);
    int first = 0, second = 0;
    timer.start(milliseconds{0}, [&] { ++first; });
    timer.start(milliseconds{1}, [&] {
        ++second;
        loop.stop();
    });
    EXPECT_TRUE(timer.waiting());
    EXPECT_TRUE(loop.run());
    EXPECT_EQ(first, 0);
    EXPECT_EQ(second, 1);
    EXPECT_FALSE(timer.waiting());
}

TEST(Timer, CancelledItCallsNothing)
{
    Loop loop;
    Timer timer(loop), end(loop);
    bool called = false;
    timer.start(milliseconds{0}, [&] { called = true; });
    loop.post([&] { timer.cancel(); });
    end.start(milliseconds{20}, [&] { loop.stop(); });
    EXPECT_TRUE(loop.run());
    EXPECT_FALSE(called);
}

TEST(FdWatch, TellsOfEveryArrival)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    {
        Loop loop;
        FdWatch watch(loop, ends[0]);
        std::string got;
        watch.on_readable([&] {
            char byte = 0;
            ASSERT_EQ(::read(ends[0], &byte, 1), 1);
            got += byte;
            if (byte == 'b') {
                loop.stop();
            }
        });
        ASSERT_EQ(::write(ends[1], "ab", 2), 2);
        EXPECT_TRUE(loop.run());
        EXPECT_EQ(got, "ab");
    }
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace
}  // namespace gatehouse::sidecar
