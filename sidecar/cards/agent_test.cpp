#include "sidecar/cards/agent.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "sidecar/base/pool.h"

namespace gatehouse::sidecar {
namespace {

using std::chrono::milliseconds;

Snapshot snapshot(const std::string& name, std::uint64_t generation)
{
    const std::string path = "/" + name;
    board::SnapshotSpec spec;
    spec.name = name;
    spec.path = path;
    spec.generation = generation;
    spec.bodies = {{Format::json, Encoding::identity, "application/json", "1"}};
    auto memory = board::build_snapshot(spec);
    return *board::Published::open(std::make_shared<const SealedMemory>(std::move(*memory)));
}

config::Card card(const std::string& name, config::Refresh refresh = config::OnChange{})
{
    config::Card card;
    card.name = name;
    card.path = "/" + name;
    card.sources = {"s"};
    card.refresh = std::move(refresh);
    return card;
}

/// An agent on a loop of its own, with a board that is a map and computations that are told what to
/// give.
class AgentTest : public testing::Test {
protected:
    AgentTest()
    {
        result_ = [this](const std::string& name) -> Result<Product> {
            return Product{snapshot(name, ++generation_), 3};
        };
    }

    void configure(std::map<std::string, config::Card> cards)
    {
        agent_.configure(std::move(cards), {},
                         [this](const config::Card& card, const Snapshot&, std::stop_token) {
                             ++computed_;
                             return Attempt{result_(card.name), [this] { return same_.load(); }};
                         });
    }

    /// Runs the loop until the condition holds.
    void run_until(const std::function<bool()>& condition)
    {
        Timer poll(loop_), limit(loop_);
        std::function<void()> look = [&] {
            condition() ? loop_.stop() : poll.start(milliseconds{1}, look);
        };
        bool timed_out = false;
        limit.start(std::chrono::seconds{20}, [&] {
            timed_out = true;
            loop_.stop();
        });
        look();
        ASSERT_TRUE(loop_.run());
        ASSERT_FALSE(timed_out);
    }

    CardReport report(std::size_t i = 0) { return agent_.report().at(i); }

    Loop loop_;
    std::map<std::string, Snapshot> board_;
    int renewed_ = 0;
    bool has_room_ = true;
    std::atomic<int> computed_{0};
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<bool> same_{true};
    std::function<Result<Product>(const std::string& name)> result_;
    Pool computations_{"compute", 2};
    Pool verifications_{"verify", 1};
    CardAgent agent_{{loop_,
                      [this](const auto&, auto task) { computations_.submit(std::move(task)); },
                      [this](const auto&, auto task) { verifications_.submit(std::move(task)); },
                      [this](const std::string& name) {
                          const auto found = board_.find(name);
                          return found == board_.end() ? nullptr : found->second;
                      },
                      [this](Snapshot snapshot, std::int64_t) -> Result<void> {
                          if (!has_room_) {
                              return Error{"no room"};
                          }
                          board_[std::string{snapshot->view().name()}] = std::move(snapshot);
                          return {};
                      },
                      [this](const std::string&, std::int64_t) { ++renewed_; },
                      [](const std::string&, const Product&) {}, [](const std::string&, bool) {},
                      [](const std::string&) {}}};
};

TEST_F(AgentTest, ComputesEveryCardAtTheStart)
{
    configure({{"a", card("a")}, {"b", card("b")}});
    EXPECT_FALSE(agent_.has_settled("a"));
    run_until([&] { return agent_.has_settled("a") && agent_.has_settled("b"); });
    EXPECT_EQ(computed_, 2);
    EXPECT_EQ(board_.size(), 2u);
    EXPECT_EQ(report().rows, 3u);
}

TEST_F(AgentTest, SourcesThatAreTheSameOnlyRenew)
{
    configure({{"a", card("a")}});
    run_until([&] { return agent_.has_settled("a"); });
    agent_.source_changed("s");
    run_until([&] { return renewed_ == 1; });
    EXPECT_EQ(computed_, 1);
    same_ = false;
    agent_.source_changed("another");
    agent_.source_changed("s");
    run_until([&] { return computed_ == 2 && !report().computing; });
}

TEST_F(AgentTest, AFailureKeepsWhatWasThereAndIsTriedAgain)
{
    configure({{"a", card("a")}});
    run_until([&] { return agent_.has_settled("a"); });
    result_ = [](const std::string&) { return Error{"broken"}; };
    same_ = false;
    agent_.source_changed("s");
    run_until([&] { return report().failing; });
    EXPECT_EQ(report().error, "broken");
    EXPECT_EQ(board_.at("a")->view().generation(), 1u);
    ASSERT_TRUE(report().next_ms);
    run_until([&] { return report().failures == 2; });  // a second later
}

TEST_F(AgentTest, WhatAComputationThrowsIsItsFailure)
{
    result_ = [](const std::string&) -> Result<Product> { throw std::runtime_error("a bug"); };
    configure({{"a", card("a")}});
    run_until([&] { return agent_.has_settled("a"); });
    EXPECT_EQ(report().error, "internal error: a bug");
}

TEST_F(AgentTest, WhatTheBoardRefusedIsTriedWhenItHasRoom)
{
    has_room_ = false;
    configure({{"a", card("a")}});
    run_until([&] { return report().failures == 3; });
    EXPECT_EQ(report().error, "no room");
    has_room_ = true;
    const auto freed = read_clocks().steady_ms;
    agent_.room_freed();
    run_until([&] { return !report().failing; });
    EXPECT_LT(read_clocks().steady_ms - freed, 2000)
        << "the next try by time is 4 s after the last";
    agent_.room_freed();
    EXPECT_EQ(computed_, 4) << "who was not refused is not computed";
}

TEST_F(AgentTest, AFailureForAnotherReasonDoesNotWaitForRoom)
{
    result_ = [](const std::string&) { return Error{"broken"}; };
    configure({{"a", card("a")}});
    run_until([&] { return report().failures == 1; });
    agent_.room_freed();
    EXPECT_FALSE(report().computing);
}

TEST_F(AgentTest, ARefreshTellsItsOutcome)
{
    configure({{"a", card("a")}});
    run_until([&] { return agent_.has_settled("a"); });
    Outcome told;
    bool answered = false;
    ASSERT_TRUE(agent_.refresh("a", [&](const Outcome& outcome) {
        told = outcome;
        answered = true;
    }));
    EXPECT_FALSE(agent_.refresh("nobody", [](const Outcome&) {}));
    run_until([&] { return answered; });
    EXPECT_TRUE(told.ok);
    EXPECT_TRUE(told.changed);
    EXPECT_EQ(told.generation, 2u);
    EXPECT_EQ(told.rows, 3u);
}

TEST_F(AgentTest, WhoWaitsForACardThatGoesIsAnswered)
{
    configure({{"a", card("a")}, {"b", card("b")}});
    run_until([&] { return agent_.has_settled("a") && agent_.has_settled("b"); });
    std::string why;
    ASSERT_TRUE(agent_.refresh("a", [&](const Outcome& outcome) { why = outcome.error; }));
    configure({{"b", card("b")}});
    EXPECT_EQ(why, "the card was removed from the configuration");
    EXPECT_EQ(agent_.report().size(), 1u);
    // The computation that was under way comes back for nobody.
    run_until([&] { return computations_.wait_idle(milliseconds{0}); });
}

TEST_F(AgentTest, WhatWasKeptIsVerifiedAndNotComputed)
{
    board_["a"] = snapshot("a", 1);
    board_["b"] = snapshot("b", 2);
    bool same = true;
    agent_.keep({{"a", {read_clocks().unix_ms, 17, [&] { return same; }}}});
    configure({{"a", card("a")}, {"b", card("b")}});
    EXPECT_EQ(renewed_, 1);
    EXPECT_TRUE(report().restored);
    EXPECT_EQ(report().rows, 17u);
    run_until([&] { return report(1).computations == 1; });
    agent_.source_changed("s");
    run_until([&] { return renewed_ == 3; });
    EXPECT_EQ(report().computations, 0u);
    same = false;
    agent_.source_changed("s");
    run_until([&] { return report().computations == 1; });
    EXPECT_FALSE(report().restored);
}

TEST_F(AgentTest, OfAnIntervalThatHasPassedTheCardIsComputed)
{
    const auto now = read_clocks().unix_ms;
    agent_.keep({{"a", {now - 10'000, 1, [] { return false; }}},
                 {"b", {now - 10'000, 1, [] { return true; }}},
                 {"c", {now - 10'000, 1, {}}}});
    configure({{"a", card("a", config::Every{std::chrono::seconds{9}})},
               {"b", card("b", config::Every{std::chrono::seconds{600}})},
               {"c", card("c", config::Every{std::chrono::seconds{9}})}});
    run_until([&] { return report(0).computations == 1 && report(2).computations == 1; });
    EXPECT_EQ(report(1).computations, 0u);
    EXPECT_EQ(renewed_, 0) << "its data are as old as they are";
    ASSERT_TRUE(report(1).next_ms);
    EXPECT_NEAR(static_cast<double>(*report(1).next_ms), static_cast<double>(now + 590'000), 100);
}

TEST_F(AgentTest, AnIntervalComputesWithoutEvents)
{
    same_ = false;
    configure({{"a", card("a", config::Every{milliseconds{100}})}});
    run_until([&] { return computed_ >= 3; });
    run_until([&] { return !report().computing; });
}

TEST_F(AgentTest, AnIntervalOnlyRenewsWhileItsSourcesAreTheSame)
{
    configure({{"a", card("a", config::Every{milliseconds{10}})}});
    run_until([&] { return renewed_ >= 3; });
    EXPECT_EQ(computed_, 1);
    EXPECT_GE(agent_.counts().at("a").unchanged, 3u);
    same_ = false;
    run_until([&] { return computed_ >= 3 && !report().computing; });
    EXPECT_GE(agent_.lateness().runs(), 5u);
}

TEST_F(AgentTest, WhatIsCompressedLaterTakesThePlaceOfWhatItIsMadeOf)
{
    const auto plain = snapshot("a", 1), compressed = snapshot("a", 2);
    agent_.configure(
        {{"a", card("a")}}, {}, [&](const config::Card&, const Snapshot&, std::stop_token) {
            Attempt attempt{Product{plain, 3}, [] { return true; }};
            attempt.compress = [&]() -> Result<Product> { return Product{compressed, 3}; };
            return attempt;
        });
    run_until([&] { return board_["a"] == compressed; });
    EXPECT_TRUE(agent_.has_settled("a"));
}

TEST_F(AgentTest, WhatIsCompressedLaterDoesNotReplaceWhatIsNewer)
{
    const auto plain = snapshot("a", 1), compressed = snapshot("a", 2), newer = snapshot("a", 3);
    std::atomic<bool> tried{false};
    agent_.configure({{"a", card("a")}}, {},
                     [&](const config::Card&, const Snapshot&, std::stop_token) {
                         Attempt attempt{Product{plain, 3}, [] { return true; }};
                         attempt.compress = [&]() -> Result<Product> {
                             loop_.post([&] { board_["a"] = newer; });
                             loop_.post([&] { loop_.post([&] { tried = true; }); });
                             return Product{compressed, 3};
                         };
                         return attempt;
                     });
    run_until([&] { return tried.load(); });
    EXPECT_EQ(board_["a"], newer);
}

TEST_F(AgentTest, StoppedItStartsNothing)
{
    configure({{"a", card("a")}});
    run_until([&] { return agent_.has_settled("a"); });
    agent_.stop(true);
    agent_.source_changed("s");
    EXPECT_FALSE(agent_.refresh("a", [](const Outcome&) {}));
    EXPECT_FALSE(report().computing);
}

TEST_F(AgentTest, InADiamondEachCardIsComputedOnceAfterThoseItReads)
{
    // a <- b, a <- c <- d, and e reads a, b and d.
    std::map<std::string, config::Card> cards;
    for (const auto& [name, reads] : std::map<std::string, std::vector<std::string>>{
             {"a", {}}, {"b", {"a"}}, {"c", {"a"}}, {"d", {"c"}}, {"e", {"a", "b", "d"}}}) {
        cards[name] = card(name);
        cards[name].cards = reads;
        if (!reads.empty()) {
            cards[name].sources.clear();
        }
    }
    std::mutex mutex;
    std::string order;
    std::atomic<bool> wave{false};
    agent_.configure(cards, {}, [&](const config::Card& card, const Snapshot&, std::stop_token) {
        const std::lock_guard lock{mutex};
        order += card.name;
        // What b to e have seen is old as soon as a was computed again.
        const bool same = wave;
        return Attempt{Product{snapshot(card.name, ++generation_), 1},
                       [same, &wave] { return same || !wave; }};
    });
    run_until([&] { return agent_.has_settled("e"); });
    EXPECT_TRUE(order == "abcde" || order == "acbde" || order == "acdbe") << order;
    order.clear();
    wave = true;
    agent_.source_changed("s");
    run_until([&] {
        return board_.at("e")->view().generation() == generation_ && !order.empty() &&
               order.back() == 'e';
    });
    EXPECT_TRUE(order == "abcde" || order == "acbde" || order == "acdbe") << order;
}

TEST_F(AgentTest, ACardThatIsAlwaysDueHoldsNobodyUp)
{
    auto inner = card("inner", config::Every{milliseconds{1}});
    auto outer = card("outer", config::Every{milliseconds{1}});
    outer.cards = {"inner"};
    std::atomic<int> outer_runs{0};
    same_ = false;
    result_ = [&](const std::string& name) -> Result<Product> {
        outer_runs += name == "outer" ? 1 : 0;
        std::this_thread::sleep_for(milliseconds{2});
        return Product{snapshot(name, ++generation_), 1};
    };
    configure({{"inner", inner}, {"outer", outer}});
    run_until([&] { return outer_runs > 5; });
}

TEST_F(AgentTest, ByHandThoseThatACardReadsComeFirst)
{
    auto outer = card("a");
    outer.cards = {"b"};
    configure({{"a", outer}, {"b", card("b", config::Every{std::chrono::hours{1}})}});
    run_until([&] { return agent_.has_settled("a"); });
    const int before = computed_;
    bool done = false;
    ASSERT_TRUE(agent_.refresh("a", [&](const Outcome& outcome) { done = outcome.ok; }));
    run_until([&] { return done; });
    EXPECT_EQ(computed_, before + 2);
    EXPECT_GT(board_.at("a")->view().generation(), board_.at("b")->view().generation());
}

TEST_F(AgentTest, NoCardIsComputedBeforeWhatItsSourceHoldsIsThere)
{
    agent_.await_sources({"s"});
    auto other = card("b");
    other.sources = {"t"};
    auto outer = card("c");
    outer.sources.clear();
    outer.cards = {"a"};
    configure({{"a", card("a")}, {"b", other}, {"c", outer}});
    run_until([&] { return agent_.has_settled("b"); });
    EXPECT_EQ(computed_, 1);
    agent_.source_settled("s");
    run_until([&] { return agent_.has_settled("c"); });
    EXPECT_EQ(computed_, 3);
}

}  // namespace
}  // namespace gatehouse::sidecar
