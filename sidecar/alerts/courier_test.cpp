#include "sidecar/alerts/courier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace gatehouse::alerts {
namespace {

using sidecar::Fetched;
using sidecar::FetchRequest;
using sidecar::Now;

class CourierTest : public testing::Test {
protected:
    void SetUp() override
    {
        config::AlertReceiver receiver;
        receiver.name = "ops";
        receiver.kind = "slack";
        receiver.url = "https://hooks.example.com/";
        courier_.configure({{"ops", receiver}});
    }

    void TearDown() override { EXPECT_TRUE(courier_.stop(std::chrono::seconds{10})); }

    static std::vector<Book::Due> due(std::size_t count, Phase phase = Phase::firing)
    {
        std::vector<Book::Due> all;
        for (std::size_t i = 0; i < count; ++i) {
            Alert alert;
            alert.rule = "down";
            alert.target = std::to_string(i);
            alert.fingerprint = fingerprint_of(alert.rule, alert.target);
            alert.phase = phase;
            all.push_back({alert.id(), alert});
        }
        return all;
    }

    /// Runs the loop until so many alerts are told, in all.
    void run_until_told(std::size_t count)
    {
        wanted_ = count;
        while (told_.size() < wanted_) {
            ASSERT_TRUE(loop_.run());
        }
    }

    /// A receiver of that name, whose server does not answer before `release()`.
    static config::AlertReceiver one_that_hangs(const std::string& name)
    {
        config::AlertReceiver receiver;
        receiver.name = name;
        receiver.kind = "slack";
        receiver.url = "https://hangs.example.com/";
        return receiver;
    }

    void release()
    {
        const std::lock_guard lock{mutex_};
        released_ = true;
        release_.notify_all();
    }

    Result<Fetched> next(const FetchRequest& request)
    {
        std::unique_lock lock{mutex_};
        if (request.url.find("hangs") != request.url.npos) {
            release_.wait(lock, [this] { return released_; });
        }
        asked_.push_back(request.body);
        Fetched fetched;
        fetched.status = statuses_.empty() ? 200 : statuses_.front();
        if (!statuses_.empty()) {
            statuses_.erase(statuses_.begin());
        }
        return fetched;
    }

    std::size_t asked() const
    {
        const std::lock_guard lock{mutex_};
        return asked_.size();
    }

    Courier::Report report() const { return courier_.report().front(); }

    mutable std::mutex mutex_;
    std::condition_variable release_;
    bool released_ = false;
    std::vector<std::string> asked_;
    std::vector<long> statuses_;
    std::vector<std::string> told_;
    std::size_t wanted_ = 0;
    std::atomic<std::int64_t> now_ms_{1'767'323'045'678};
    sidecar::Loop loop_;
    Courier courier_{{loop_, [this](const FetchRequest& request) { return next(request); },
                      [this] {
                          return Now{now_ms_, now_ms_};
                      },
                      [this](const std::string& id, const std::string&, Phase) {
                          told_.push_back(id);
                          if (told_.size() >= wanted_) {
                              loop_.stop();
                          }
                      }}};
};

TEST_F(CourierTest, TellsAllThatIsDueInOneMessage)
{
    courier_.offer("ops", due(3));
    run_until_told(3);
    EXPECT_EQ(asked(), 1u);
    EXPECT_EQ(report().counts.delivered, 1u);
    EXPECT_EQ(report().waiting, 0u);
}

TEST_F(CourierTest, WhatIsOnItsWayIsNotSentOnceMore)
{
    courier_.offer("ops", due(1));
    courier_.offer("ops", due(1));
    courier_.offer("ops", due(2));
    EXPECT_EQ(report().waiting, 2u);
    run_until_told(1);
    EXPECT_EQ(asked(), 1u);
    courier_.offer("ops", {due(2).back()});
    run_until_told(2);
    EXPECT_EQ(asked(), 2u);
}

TEST_F(CourierTest, SendsTheSameAgain)
{
    statuses_ = {500, 429};
    courier_.offer("ops", due(1));
    run_until_told(1);
    EXPECT_EQ(asked(), 3u);
    EXPECT_EQ(asked_[0], asked_[2]);
    EXPECT_EQ(report().counts.retried, 2u);
    EXPECT_EQ(report().counts.delivered, 1u);
    EXPECT_EQ(report().error, "");
}

TEST_F(CourierTest, GivesUpWhatIsRefused)
{
    statuses_ = {410};
    courier_.offer("ops", due(1));
    run_until_told(1);
    EXPECT_EQ(asked(), 1u);
    EXPECT_EQ(report().counts.failed, 1u);
    EXPECT_EQ(report().error, "it answered 410");
}

TEST_F(CourierTest, GivesUpWhatIsTooOld)
{
    statuses_ = {500, 500};
    courier_.offer("ops", due(1));
    now_ms_ += give_up_after_ms;
    run_until_told(1);
    EXPECT_EQ(report().counts.failed, 1u);
    EXPECT_EQ(report().counts.retried, 0u);
}

TEST_F(CourierTest, HasRoomForSoManyAndDropsTheRest)
{
    courier_.offer("ops", due(Courier::most_waiting + 7));
    EXPECT_EQ(report().counts.dropped, 7u);
    EXPECT_EQ(told_.size(), 7u);
    EXPECT_EQ(report().waiting, Courier::most_waiting);
    run_until_told(7 + Courier::most_alerts);
    EXPECT_EQ(asked(), 1u);
}

TEST_F(CourierTest, AReceiverThatIsGoneIsToldNothing)
{
    courier_.configure({});
    courier_.offer("ops", due(1));
    EXPECT_FALSE(courier_.test("ops", [](const Attempt&) {}));
    EXPECT_EQ(asked(), 0u);
}

TEST_F(CourierTest, OneThatHangsDelaysNobodyElse)
{
    std::map<std::string, config::AlertReceiver> all;
    for (int i = 0; i < 12; ++i) {
        const auto name = "hangs" + std::to_string(i);
        all[name] = one_that_hangs(name);
    }
    all["ops"] = one_that_hangs("ops");
    all["ops"].url = "https://hooks.example.com/";
    courier_.configure(all);
    for (const auto& [name, receiver] : all) {
        courier_.offer(name, due(1));
    }
    run_until_told(1);
    EXPECT_EQ(asked(), 1u);
    release();
    run_until_told(13);
}

TEST_F(CourierTest, AThreadThatHangsIsNotThatOfAReceiverThatComesLater)
{
    courier_.configure({{"hangs", one_that_hangs("hangs")}});
    courier_.offer("hangs", due(1));
    auto ops = one_that_hangs("ops");
    ops.url = "https://hooks.example.com/";
    courier_.configure({{"ops", ops}});
    courier_.offer("ops", due(1));
    run_until_told(1);
    release();
}

TEST_F(CourierTest, TriesAReceiver)
{
    statuses_ = {503};
    std::string error;
    ASSERT_TRUE(courier_.test("ops", [&](const Attempt& attempt) {
        error = attempt.error;
        loop_.stop();
    }));
    ASSERT_TRUE(loop_.run());
    EXPECT_EQ(error, "it answered 503");
}

}  // namespace
}  // namespace gatehouse::alerts
