#include "sidecar/on_demand/agent_test.h"

namespace gatehouse::on_demand {
namespace {

TEST_F(OnDemandAgentTest, WhatIsAskedForAgainIsCompressedOnce)
{
    card_.compress = true;
    configure();
    ask("/a");
    ask("/b");
    await(2);
    EXPECT_EQ(compressions_, 0);
    ask("/a");
    await_published(3);
    EXPECT_EQ(published_.back(), "card /a");
    ask("/a");
    await(4);
    EXPECT_EQ(replies_.back().how, How::hit);
    EXPECT_GT(replies_.back().snapshot->view().generation(),
              replies_[0].snapshot->view().generation());
    pool_.wait_idle(milliseconds{10'000});
    EXPECT_EQ(compressions_, 1);
}

TEST_F(OnDemandAgentTest, WhatWorkersServeOrSeveralWaitForIsCompressed)
{
    card_.compress = true;
    configure();
    ask("/a");
    await(1);
    agent_.touched(std::array{replies_[0].snapshot->view().generation(), std::uint64_t{0}});
    await_published(2);
    EXPECT_EQ(published_.back(), "card /a");
    ask("/b");
    ask("/b");
    await_published(4);
    EXPECT_EQ(published_.back(), "card /b");
}

TEST_F(OnDemandAgentTest, WhatCompressionDoesNotMakeSmallerStaysAsItIs)
{
    card_.compress = true;
    gains_ = false;
    configure();
    ask("/a");
    await(1);
    ask("/a");
    await(2);
    pool_.wait_idle(milliseconds{10'000});
    ask("/a");
    await(3);
    ask("/b");
    await(4);
    EXPECT_EQ(compressions_, 1);
    EXPECT_EQ(published_, (std::vector<std::string>{"card /a", "card /b"}));
}

TEST_F(OnDemandAgentTest, ACompressedAnswerThatWasForgottenMeanwhileIsNotPublished)
{
    card_.compress = true;
    configure();
    ask("/a");
    await(1);
    ask("/a");
    agent_.refresh("card");
    pool_.wait_idle(milliseconds{10'000});
    ask("/b");
    await(3);
    EXPECT_EQ(compressions_, 1);
    EXPECT_EQ(published_, (std::vector<std::string>{"card /a", "card /b"}));
}

TEST_F(OnDemandAgentTest, WhatIsTooLargeCompressedIsServedPlain)
{
    card_.compress = true;
    padding_ = 4096;
    limits_.memory_limit = 2048;
    configure();
    ask("/a");
    await(1);
    ask("/a");
    await(2);
    pool_.wait_idle(milliseconds{10'000});
    ask("/b");
    await(3);
    EXPECT_EQ(compressions_, 1);
    EXPECT_EQ(published_, (std::vector<std::string>{"card /a", "card /b"}));
    agent_.refresh("card");
    EXPECT_EQ(retracted_.size(), 2u);
}

}  // namespace
}  // namespace gatehouse::on_demand
