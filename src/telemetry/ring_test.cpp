#include "src/telemetry/ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

namespace gatehouse::telemetry {
namespace {

/// A record whose every field tells its number, so that a mixture of two shows.
Decision numbered(std::uint64_t n)
{
    return {static_cast<std::int64_t>(n),
            Stage::limit,
            Outcome::refused,
            Reason::quota,
            static_cast<std::uint8_t>(n),
            static_cast<std::uint16_t>(n),
            static_cast<std::uint16_t>(n),
            n,
            {n, ~n}};
}

class Ring : public ::testing::Test {
protected:
    std::unique_ptr<Column> column = std::make_unique<Column>();
};

TEST_F(Ring, WhatGoesInComesOut)
{
    EXPECT_TRUE(read_decisions(*column, 10).empty());
    for (std::uint64_t n = 1; n <= 3; ++n) {
        write_decision(*column, numbered(n));
    }
    const auto decisions = read_decisions(*column, 2);
    ASSERT_EQ(decisions.size(), 2u);
    EXPECT_EQ(decisions[0], numbered(2));
    EXPECT_EQ(decisions[1], numbered(3));
    EXPECT_EQ(read_decisions(*column, 10, 2).size(), 1u);
    EXPECT_TRUE(read_decisions(*column, 10, 99).empty());
}

TEST_F(Ring, TheOldestAreWrittenOver)
{
    for (std::uint64_t n = 1; n <= ring_capacity + 5; ++n) {
        write_decision(*column, numbered(n));
    }
    EXPECT_FALSE(read_decision(*column, 5));
    EXPECT_EQ(read_decision(*column, 6), numbered(6));
    EXPECT_EQ(read_decisions(*column, 100'000).size(), ring_capacity);
    EXPECT_EQ(read_decisions(*column, 100'000).front(), numbered(6));
}

TEST_F(Ring, ARecordThatAWriterLeftHalfWrittenIsSkipped)
{
    write_decision(*column, numbered(1));
    column->ring[1].sequence.store(0);  // record 2: died after this, before the head moved
    column->ring[1].words[0].store(77);
    EXPECT_EQ(read_decisions(*column, 10).size(), 1u);
    write_decision(*column, numbered(2));
    write_decision(*column, numbered(3));
    column->ring[1].sequence.store(0);
    EXPECT_EQ(read_decisions(*column, 10).size(), 2u);
}

TEST_F(Ring, AHeadThatMakesNoSenseIsSurvived)
{
    write_decision(*column, numbered(1));
    for (const std::uint64_t head : {~std::uint64_t{0}, std::uint64_t{1} << 63}) {
        column->ring_head.store(head);
        EXPECT_LE(read_decisions(*column, 100'000).size(), ring_capacity);
    }
}

TEST_F(Ring, NoReaderSeesAMixture)
{
    std::atomic<bool> done{false};
    std::thread writer{[&] {
        for (std::uint64_t n = 1; !done; ++n) {
            write_decision(*column, numbered(n));
        }
    }};
    for (int seen = 0; seen < 20'000;) {
        for (const auto& decision : read_decisions(*column, ring_capacity)) {
            ASSERT_EQ(decision, numbered(decision.key_hash));
            ++seen;
        }
    }
    done = true;
    writer.join();
    EXPECT_EQ(read_decisions(*column, ring_capacity).size(), ring_capacity);
}

}  // namespace
}  // namespace gatehouse::telemetry
