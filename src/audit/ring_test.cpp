#include "src/audit/ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "src/audit/region.h"

namespace gatehouse::audit {
namespace {

class AuditRing : public ::testing::Test {
protected:
    AuditRing() : region(make()) {}

    static Region make()
    {
        auto made = Region::create(2, 42);
        EXPECT_TRUE(made);
        return std::move(*made);
    }

    Reader reader() const
    {
        auto opened = Reader::open(region.bytes());
        EXPECT_TRUE(opened);
        return *opened;
    }

    std::optional<Decision> at(std::uint64_t number)
    {
        return read(reader().ring(0), number, text);
    }

    Region region;
    TextBuffer text{};
};

Decision example()
{
    Decision decision;
    decision.at_ms = 1'700'000'000'123;
    decision.request_id = {0x00, 0x11, 0x22, 0xff};
    decision.request_id_form = uuid_with_dashes | upper_case;
    decision.client = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
    decision.stage = 2;
    decision.verdict = 3;
    decision.reason = 4;
    decision.method = 5;
    decision.status = 429;
    decision.endpoint = 1023;
    decision.zone = no_zone;
    decision.country = {'D', 'E'};
    decision.token_id = "gth_a1b2c3d4";
    decision.rule = "scope:read";
    decision.user = "alice@example.org";
    return decision;
}

TEST_F(AuditRing, WhatGoesInComesOut)
{
    EXPECT_FALSE(at(0));
    EXPECT_FALSE(at(1));
    write(region.ring(0), example());
    ASSERT_TRUE(at(1));
    EXPECT_EQ(*at(1), example());
    EXPECT_FALSE(at(2));
    EXPECT_EQ(reader().written(0), 1u);
    EXPECT_EQ(reader().written(1), 0u);
    EXPECT_EQ(region.written(), 1u);
    EXPECT_EQ(reader().id(), 42u);
}

TEST_F(AuditRing, TextOfEveryLengthComesOut)
{
    std::uint64_t number = 0;
    for (std::size_t length = 0; length <= longest_user; ++length) {
        const std::string all(length, static_cast<char>('a' + length % 26));
        auto decision = example();
        decision.user = all;
        decision.rule = decision.user.substr(0, std::min(length, longest_rule));
        decision.token_id = decision.user.substr(0, length % longest_token_id);
        write(region.ring(0), decision);
        ASSERT_TRUE(at(++number));
        EXPECT_EQ(*at(number), decision);
    }
}

TEST_F(AuditRing, LongTextIsCutBetweenCharacters)
{
    auto decision = example();
    const std::string megabyte(1 << 20, 'x');
    const std::string umlauts = std::string(longest_rule - 1, 'y') + "\u00e4";  // two bytes
    decision.user = megabyte;
    decision.rule = umlauts;
    decision.token_id = megabyte;
    write(region.ring(0), decision);
    ASSERT_TRUE(at(1));
    EXPECT_EQ(at(1)->user, std::string(128, 'x'));
    EXPECT_EQ(at(1)->rule, std::string(63, 'y'));
    EXPECT_EQ(at(1)->token_id, std::string(64, 'x'));
}

TEST_F(AuditRing, TheOldestAreWrittenOver)
{
    auto decision = example();
    for (std::uint64_t n = 1; n <= ring_capacity + 5; ++n) {
        decision.at_ms = static_cast<std::int64_t>(n);
        write(region.ring(0), decision);
    }
    EXPECT_FALSE(at(5));
    ASSERT_TRUE(at(6));
    EXPECT_EQ(at(6)->at_ms, 6);
    ASSERT_TRUE(at(ring_capacity + 5));
    EXPECT_EQ(at(ring_capacity + 5)->at_ms, static_cast<std::int64_t>(ring_capacity + 5));
}

TEST_F(AuditRing, LengthsThatCannotBeStayInside)
{
    write(region.ring(0), example());
    region.ring(0).records[0].more.store(~std::uint64_t{0});
    ASSERT_TRUE(at(1));
    EXPECT_EQ(at(1)->user.size(), longest_user);
    EXPECT_EQ(at(1)->token_id.size() + at(1)->rule.size() + at(1)->user.size(), text.size());
}

/// Every field of record n tells n, so that a mixture of two shows.
TEST_F(AuditRing, AReaderNeverSeesHalfARecord)
{
    constexpr std::uint64_t records = 300'000;
    std::atomic<bool> done = false;
    std::thread writer{[&] {
        for (std::uint64_t n = 1; n <= records; ++n) {
            auto decision = example();
            decision.at_ms = static_cast<std::int64_t>(n);
            const auto user = std::to_string(n);
            decision.user = user;
            decision.status = static_cast<std::uint16_t>(n);
            write(region.ring(0), decision);
        }
        done = true;
    }};
    std::uint64_t seen = 0;
    const auto rings = reader();
    while (!done) {
        // Close behind the writer's back, where it writes next.
        const auto head = rings.written(0);
        for (std::uint64_t n = head > ring_capacity ? head - ring_capacity + 1 : 1;
             n < head && n < head - ring_capacity + 64; ++n) {
            if (const auto decision = at(n)) {
                ++seen;
                ASSERT_EQ(decision->at_ms, static_cast<std::int64_t>(n));
                ASSERT_EQ(decision->user, std::to_string(n));
                ASSERT_EQ(decision->status, static_cast<std::uint16_t>(n));
            }
        }
        if (const auto newest = at(head)) {
            ++seen;
            ASSERT_EQ(newest->user, std::to_string(head));
        }
    }
    writer.join();
    EXPECT_GT(seen, 0u);
}

TEST_F(AuditRing, AForeignRegionIsRefused)
{
    const auto bytes = region.bytes();
    EXPECT_FALSE(Reader::open(bytes.first(100)));
    EXPECT_FALSE(Reader::open(bytes.first(region_size(1))));
    alignas(8) static std::byte zeros[rings_offset];
    EXPECT_FALSE(Reader::open(zeros));
}

}  // namespace
}  // namespace gatehouse::audit
