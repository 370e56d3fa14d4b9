// An agent of on-demand answers, and what it publishes, as its tests see them.
#pragma once

#include "sidecar/on_demand/agent.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "sidecar/base/pool.h"

namespace gatehouse::on_demand {

using How = Reply::How;
using std::chrono::milliseconds;

/// An agent whose computations wait until the test lets them go.
class OnDemandAgentTest : public ::testing::Test {
protected:
    OnDemandAgentTest()
    {
        card_.name = "card";
        card_.sources = {"source"};
        card_.refresh = config::OnDemand{};
        card_.compress = false;
        configure();
    }

    void configure(const std::set<std::string>& changed = {})
    {
        agent_.configure(
            {{"card", card_}}, changed, limits_,
            [this](const config::Card& card, const Question& question, const std::stop_token&) {
                return compute(card, question);
            },
            [this](const config::Card&, const Snapshot& plain) { return compress(plain); });
    }

    Attempt compute(const config::Card& card, const Question& question)
    {
        std::unique_lock lock{mutex_};
        ++computations_;
        changed_.wait(lock, [this] { return open_; });
        auto unchanged = [this] { return sources_unchanged_.load(); };
        if (failure_.status != 0) {
            return {failure_, unchanged};
        }
        return {Computed{snapshot(card.name + ' ' + question.key, question.key), 1}, unchanged};
    }

    /// Null: nothing is gained.
    Snapshot compress(const Snapshot& plain)
    {
        ++compressions_;
        return gains_ ? snapshot(std::string{plain->view().name()},
                                 std::string{plain->view().path()}, padding_)
                      : nullptr;
    }

    Snapshot snapshot(const std::string& name, const std::string& path, std::size_t padding = 0)
    {
        const std::string body = '[' + std::string(padding, ' ') + ']';
        board::SnapshotSpec spec;
        spec.name = name;
        spec.path = path;
        spec.cache_control = "no-store";
        spec.generation = ++generation_;
        spec.bodies.push_back({Format::json, Encoding::identity, "application/json", body});
        return *board::Published::unsealed(board::build_unsealed(spec));
    }

    void ask(const std::string& key)
    {
        agent_.ask("card", {key, {}, {}}, [this](const Reply& reply) {
            replies_.push_back(reply);
            if (replies_.size() == awaited_) {
                loop_.stop();
            }
        });
    }

    void let_go()
    {
        const std::lock_guard lock{mutex_};
        open_ = true;
        changed_.notify_all();
    }

    /// Runs until so many replies are there, for as long as ten seconds.
    void await(std::size_t replies)
    {
        awaited_ = replies;
        if (replies_.size() >= replies) {
            return;
        }
        sidecar::Timer deadline{loop_};
        deadline.start(milliseconds{10'000}, [this] { loop_.stop(); });
        ASSERT_TRUE(loop_.run());
        ASSERT_GE(replies_.size(), replies);
    }

    /// The same for what is published.
    void await_published(std::size_t published)
    {
        awaited_published_ = published;
        sidecar::Timer deadline{loop_};
        deadline.start(milliseconds{10'000}, [this] { loop_.stop(); });
        ASSERT_TRUE(loop_.run());
        ASSERT_EQ(published_.size(), published);
    }

    sidecar::Loop loop_;
    sidecar::Pool pool_{"test", 2};
    config::Card card_;
    config::OnDemandLimits limits_;
    std::atomic<std::uint64_t> generation_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
    int computations_ = 0;
    std::atomic<int> compressions_ = 0;
    bool gains_ = true;
    std::size_t padding_ = 0;  ///< that compression adds
    std::atomic<bool> sources_unchanged_ = true;
    Failure failure_{0, "", {}};
    std::vector<Reply> replies_;
    std::size_t awaited_ = 0, awaited_published_ = 0;
    std::vector<std::string> published_, renewed_, retracted_;
    Agent agent_{
        {loop_, [this](const auto&, auto task) { pool_.submit(std::move(task)); },
         [this](const Snapshot& each, std::int64_t) {
             EXPECT_GE(each->fd(), 0) << "workers map it";
             published_.emplace_back(each->view().name());
             if (published_.size() == awaited_published_) {
                 loop_.stop();
             }
         },
         [this](const Snapshot& each, std::int64_t) { renewed_.emplace_back(each->view().name()); },
         [this](const Snapshot& each) { retracted_.emplace_back(each->view().name()); }}};
};

}  // namespace gatehouse::on_demand
