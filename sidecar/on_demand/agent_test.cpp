#include "sidecar/on_demand/agent_test.h"

namespace gatehouse::on_demand {
namespace {

TEST_F(OnDemandAgentTest, ComputesOnceHoweverManyAsk)
{
    open_ = false;
    for (int i = 0; i < 5; ++i) {
        ask("/a");
    }
    let_go();
    await(5);
    EXPECT_EQ(computations_, 1);
    EXPECT_EQ(replies_[0].how, How::computed);
    EXPECT_EQ(replies_[4].how, How::joined);
    EXPECT_EQ(published_, std::vector<std::string>{"card /a"});
    ask("/a");
    await(6);
    EXPECT_EQ(replies_[5].how, How::hit);
    EXPECT_EQ(computations_, 1);
}

TEST_F(OnDemandAgentTest, WhatHasNotChangedIsRenewed)
{
    card_.ttl = milliseconds{0};
    configure();
    ask("/a");
    await(1);
    ask("/a");
    await(2);
    EXPECT_EQ(computations_, 1);
    EXPECT_EQ(renewed_, std::vector<std::string>{"card /a"});
    sources_unchanged_ = false;
    ask("/a");
    await(3);
    EXPECT_EQ(computations_, 2);
}

TEST_F(OnDemandAgentTest, AChangedSourceTakesItsAnswersFromWorkers)
{
    ask("/a");
    await(1);
    agent_.source_changed("another");
    EXPECT_TRUE(retracted_.empty());
    agent_.source_changed("source");
    EXPECT_EQ(retracted_, std::vector<std::string>{"card /a"});
    // Its bytes may be the same all the same: then it is published again, and not computed.
    ask("/a");
    await(2);
    EXPECT_EQ(computations_, 1);
    EXPECT_EQ(published_.size(), 2u);
}

TEST_F(OnDemandAgentTest, AFailureIsNotTriedAgainAtOnceAndTheLastAnswerStandsIn)
{
    limits_.keep_errors = milliseconds{3'600'000};
    card_.ttl = milliseconds{0};
    sources_unchanged_ = false;
    configure();
    ask("/a");
    await(1);
    failure_ = {500, "the file is gone", {}};
    ask("/a");
    await(2);
    ask("/a");
    await(3);
    EXPECT_EQ(computations_, 2);
    EXPECT_EQ(replies_[1].how, How::stale);
    EXPECT_EQ(replies_[2].how, How::stale);
    EXPECT_NE(replies_[2].snapshot, nullptr);
    ask("/b");
    await(4);
    EXPECT_EQ(replies_[3].how, How::failed);
    EXPECT_EQ(replies_[3].failure.status, 500);
    EXPECT_EQ(agent_.report("card").error, "the file is gone");
}

TEST_F(OnDemandAgentTest, WhatCannotBeReadVouchesForNothing)
{
    limits_.keep_errors = milliseconds{0};
    card_.ttl = milliseconds{0};
    sources_unchanged_ = false;
    configure();
    ask("/a");
    await(1);
    failure_ = {500, "the file is gone", {}};
    for (std::size_t replies = 2; replies <= 4; ++replies) {
        ask("/a");
        await(replies);
        EXPECT_EQ(replies_.back().how, How::stale);
        EXPECT_EQ(computations_, static_cast<int>(replies));
        sources_unchanged_ = true;  // it stays away
    }
}

TEST_F(OnDemandAgentTest, AChangedCardTakesTheAnswersOfThoseThatReadIt)
{
    card_.cards = {"inner"};
    configure();
    ask("/a");
    await(1);
    agent_.source_changed("inner");
    EXPECT_EQ(retracted_, std::vector<std::string>{"card /a"});
}

TEST_F(OnDemandAgentTest, ARefusedQuestionHasNoStandIn)
{
    failure_ = {400, "no", {{"a", "is bad"}}};
    ask("/a");
    await(1);
    ask("/a");
    await(2);
    EXPECT_EQ(computations_, 1);
    EXPECT_EQ(replies_[1].failure.status, 400);
    EXPECT_EQ(replies_[1].failure.invalid.size(), 1u);
}

TEST_F(OnDemandAgentTest, WhatTheDataRefuseHasNoStandInEither)
{
    limits_.keep_errors = milliseconds{3'600'000};
    card_.ttl = milliseconds{0};
    sources_unchanged_ = false;
    configure();
    ask("/a");
    await(1);
    failure_ = {404, "There is nothing of that name.", {}};
    for (std::size_t replies = 2; replies <= 3; ++replies) {
        ask("/a");
        await(replies);
        EXPECT_EQ(replies_.back().failure.status, 404);
        EXPECT_EQ(replies_.back().snapshot, nullptr);
    }
    EXPECT_EQ(computations_, 2);
    EXPECT_EQ(retracted_, std::vector<std::string>{"card /a"});
    // Nor is it there again when its data cannot be read.
    agent_.source_changed("source");
    failure_ = {500, "the file is gone", {}};
    ask("/a");
    await(4);
    EXPECT_EQ(replies_.back().how, How::failed);
}

TEST_F(OnDemandAgentTest, AChangeWhileItIsComputedIsSeen)
{
    card_.ttl = milliseconds{3'600'000};
    configure();
    open_ = false;
    ask("/a");
    ask("/a");
    agent_.source_changed("source");
    sources_unchanged_ = false;
    let_go();
    await(2);
    EXPECT_TRUE(published_.empty());
    EXPECT_FALSE(replies_[0].kept);
    ask("/a");
    await(3);
    EXPECT_EQ(computations_, 2);
    EXPECT_EQ(replies_[2].how, How::computed);
    EXPECT_EQ(published_, std::vector<std::string>{"card /a"});
    ask("/a");
    await(4);
    EXPECT_EQ(replies_[3].how, How::hit);
}

TEST_F(OnDemandAgentTest, BeyondTheBoundItIsRefused)
{
    limits_.max_waiting = 2;
    configure();
    open_ = false;
    ask("/a");
    ask("/b");
    ask("/c");
    ask("/a");  // joins
    ASSERT_EQ(replies_.size(), 1u);
    EXPECT_EQ(replies_[0].failure.status, 429);
    let_go();
    await(4);
    EXPECT_EQ(computations_, 2);
    ask("/c");
    await(5);
    EXPECT_EQ(replies_[4].how, How::computed);
}

TEST_F(OnDemandAgentTest, AnswersAreBounded)
{
    ask("/a");
    await(1);
    limits_.memory_limit = replies_[0].snapshot->view().total_size();
    configure();
    ask("/b");
    await(2);
    EXPECT_EQ(retracted_, std::vector<std::string>{"card /a"});
    EXPECT_EQ(agent_.report("card").variants, 1u);
    limits_.memory_limit = 1;
    configure();
    ask("/c");
    await(3);
    EXPECT_EQ(replies_[2].how, How::computed);
    EXPECT_FALSE(replies_[2].kept);
    EXPECT_NE(replies_[2].snapshot, nullptr);
    EXPECT_EQ(published_.size(), 2u);
}

TEST_F(OnDemandAgentTest, AReloadUnderWayComputesByTheNewDefinition)
{
    open_ = false;
    ask("/a");
    card_.max_rows = 1;
    configure({"card"});
    let_go();
    await(1);
    EXPECT_EQ(computations_, 2);
    EXPECT_EQ(replies_[0].how, How::computed);
    EXPECT_EQ(published_.size(), 1u);
}

TEST_F(OnDemandAgentTest, ACardThatIsGoneAnswersNobody)
{
    open_ = false;
    ask("/a");
    agent_.configure({}, {}, limits_, nullptr, nullptr);
    let_go();
    await(1);
    EXPECT_EQ(replies_[0].failure.status, 404);
    EXPECT_TRUE(published_.empty());
}

TEST_F(OnDemandAgentTest, InAFloodWorkersGetWhatIsAskedForAgain)
{
    constexpr std::size_t questions = 2000;
    limits_.max_waiting = questions + 1;
    configure();
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < questions; ++i) {
        ask("/" + std::to_string(i));
    }
    await(questions);
    const auto seconds =
        1 +
        std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();
    EXPECT_GE(published_.size(), 500u);
    EXPECT_LE(published_.size(), 500u * static_cast<unsigned long>(seconds));
    const auto unasked = std::find_if(replies_.begin(), replies_.end(),
                                      [](const Reply& reply) { return !reply.kept; });
    ASSERT_NE(unasked, replies_.end());
    const std::string key{unasked->snapshot->view().path()};
    const auto before = published_.size();
    ask(key);
    ask(key);
    await(questions + 2);
    EXPECT_EQ(replies_.back().how, How::hit);
    EXPECT_EQ(published_.size(), before + 1);
    EXPECT_EQ(published_.back(), "card " + key);
    // So it is where its source has changed meanwhile.
    const auto another = std::find_if(replies_.begin(), replies_.end(), [&](const Reply& reply) {
        return !reply.kept && reply.how == How::computed && reply.snapshot->view().path() != key;
    });
    const std::string other{another->snapshot->view().path()};
    agent_.source_changed("source");
    sources_unchanged_ = false;
    ask(other);
    await(questions + 3);
    EXPECT_EQ(replies_.back().how, How::computed);
    EXPECT_EQ(published_.back(), "card " + other);
    // Two who wait for the same have asked twice.
    open_ = false;
    ask("/shared");
    ask("/shared");
    let_go();
    await(questions + 5);
    EXPECT_EQ(published_.back(), "card /shared");
}

TEST_F(OnDemandAgentTest, RefreshForgetsACardsAnswers)
{
    ask("/a");
    ask("/b");
    await(2);
    EXPECT_EQ(agent_.refresh("card"), 2u);
    EXPECT_EQ(retracted_.size(), 2u);
    EXPECT_EQ(agent_.report("card").variants, 0u);
}

}  // namespace
}  // namespace gatehouse::on_demand
