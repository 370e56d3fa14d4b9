#include "src/telemetry/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>

#include "src/telemetry/ring.h"
#include "src/telemetry/test_region.h"

namespace gatehouse::telemetry {
namespace {

/// Bytes that end where their memory ends, so that a sanitizer sees a step beyond.
struct Bytes {
    explicit Bytes(std::size_t size)
        : words(std::make_unique<std::uint64_t[]>(size / 8)), size(size)
    {
    }
    std::span<std::byte> all() const { return {reinterpret_cast<std::byte*>(words.get()), size}; }
    RegionHeader& header() const { return *reinterpret_cast<RegionHeader*>(words.get()); }

    std::unique_ptr<std::uint64_t[]> words;
    std::size_t size;
};

Bytes copy_of(const Region& region)
{
    Bytes copy{region.bytes().size()};
    std::memcpy(copy.words.get(), region.bytes().data(), copy.size);
    return copy;
}

void read_everything(const Reader& reader)
{
    for (const auto& total : reader.totals()) {
        (void)reader.name(NameKind::endpoint, total.key.a);
        (void)reader.name(NameKind::limit_zone, total.key.a);
    }
    for (unsigned i = 0; i < endpoint_capacity; i += 37) {
        (void)reader.histogram(i);
        (void)reader.gauge(i);
        (void)reader.top_keys(i, 10);
    }
    for (const auto kind :
         {NameKind::endpoint, NameKind::limit_zone, NameKind::cap_zone, NameKind::card}) {
        (void)reader.names(kind);
    }
    for (const auto& decision : reader.decisions(1000)) {
        (void)name_of(decision.reason, reason_names);
    }
}

TEST_F(RegionTest, RefusesWhatIsNoRegion)
{
    const auto expect_refusal = [&](const auto& damage, const char* why) {
        const auto copy = copy_of(region);
        damage(copy.header());
        const auto opened = Reader::open(copy.all());
        ASSERT_FALSE(opened) << why;
        EXPECT_THAT(opened.error().message, ::testing::HasSubstr(why));
    };
    expect_refusal([](auto& header) { ++header.magic; }, "no telemetry region");
    expect_refusal([](auto& header) { ++header.version; }, "has version 3");
    expect_refusal([](auto& header) { header.slot_count = 0; }, "smaller");
    expect_refusal([](auto& header) { header.slot_count = 4; }, "smaller");
    expect_refusal([](auto& header) { header.slot_count = ~0u; }, "smaller");
    const auto copy = copy_of(region);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{8}, columns_offset - 8, copy.size - 8}) {
        EXPECT_FALSE(Reader::open(copy.all().first(size))) << size;
    }
}

TEST_F(RegionTest, SurvivesAnyBytes)
{
    std::mt19937_64 random{7};
    for (int round = 0; round < 20; ++round) {
        const auto copy = copy_of(region);
        for (std::size_t i = sizeof(RegionHeader) / 8; i < copy.size / 8; ++i) {
            copy.words[i] = random() >> (random() % 64);
        }
        const auto reader = Reader::open(copy.all());
        ASSERT_TRUE(reader);
        read_everything(*reader);
    }
}

TEST_F(RegionTest, SurvivesOnesAndDamagedNames)
{
    const auto copy = copy_of(region);
    std::memset(copy.words.get() + 8, 0xff, copy.size - 64);
    const auto reader = Reader::open(copy.all());
    ASSERT_TRUE(reader);
    read_everything(*reader);
    EXPECT_EQ(reader->name(NameKind::endpoint, 0), std::nullopt);
}

TEST_F(RegionTest, DecisionsOfAllColumnsComeInOrderOfTime)
{
    for (std::int64_t ms = 1; ms <= 6; ++ms) {
        Decision decision;
        decision.at_ms = ms;
        write_decision(region.open_column(static_cast<unsigned>(ms) % 3), decision);
    }
    const auto last = reader().decisions(4);
    ASSERT_EQ(last.size(), 4u);
    EXPECT_EQ(last.front().at_ms, 3);
    EXPECT_EQ(last.back().at_ms, 6);
}

}  // namespace
}  // namespace gatehouse::telemetry
