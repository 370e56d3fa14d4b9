#include "src/health/table.h"

#include <gtest/gtest.h>

#include <cstring>

namespace gatehouse::health {
namespace {

TableSpec two_answers()
{
    TableSpec spec;
    spec.state = State::degraded;
    spec.down_after_ms = 60'000;
    spec.answers = {
        {Question::ready, State::degraded, 200, "flask", "application/json", R"({"status":"ok"})"},
        {Question::ready, State::down, 503, "flask", "application/json", "{\"at\":\x01t}"},
        {Question::status, State::up, 200, "health+json", "application/health+json", "{}"},
    };
    spec.checks = {{"db", State::down, Severity::critical, 1500, 1'700'000'000'000}};
    return spec;
}

std::vector<std::byte> copy_of(const SealedMemory& memory)
{
    const auto bytes = memory.bytes();
    return {bytes.begin(), bytes.end()};
}

TEST(HealthTable, GivesBackWhatItWasMadeOf)
{
    const auto memory = build_table(two_answers());
    ASSERT_TRUE(memory) << memory.error().message;
    const auto table = HealthTable::open(memory->bytes());
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_TRUE(table->checksum_matches());
    EXPECT_EQ(table->state(), State::degraded);
    EXPECT_EQ(table->down_after_ms(), 60'000u);
    ASSERT_EQ(table->answers(), 3u);
    EXPECT_EQ(table->answer(1).status, 503);
    EXPECT_EQ(table->answer(1).body, "{\"at\":\x01t}");
    EXPECT_EQ(table->answer(2).content_type, "application/health+json");
    ASSERT_EQ(table->checks(), 1u);
    EXPECT_EQ(table->check(0).name, "db");
    EXPECT_EQ(table->check(0).state, State::down);
    EXPECT_EQ(table->check(0).severity, Severity::critical);
    EXPECT_EQ(table->check(0).duration_us, 1500u);
    EXPECT_EQ(table->check(0).checked_at_ms, 1'700'000'000'000);
}

TEST(HealthTable, FindsTheStateElseWhatThereIs)
{
    const auto memory = build_table(two_answers());
    ASSERT_TRUE(memory);
    const auto table = HealthTable::open(memory->bytes());
    ASSERT_TRUE(table);
    EXPECT_EQ(table->find(Question::ready, "flask", State::degraded), 0u);
    EXPECT_EQ(table->find(Question::ready, "flask", State::down), 1u);
    EXPECT_EQ(table->find(Question::ready, "flask", State::up), 0u);
    EXPECT_EQ(table->find(Question::status, "health+json", State::down), 2u);
    EXPECT_EQ(table->find(Question::status, "flask", State::up), table->answers());
    EXPECT_EQ(table->find(Question::live, "flask", State::up), table->answers());
}

TEST(HealthTable, RefusesEveryPrefix)
{
    const auto memory = build_table(two_answers());
    ASSERT_TRUE(memory);
    const auto bytes = copy_of(*memory);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(HealthTable::open(std::span{bytes}.first(size))) << size;
    }
}

/// Whatever a byte becomes, either the table is refused or all it hands out can be read.
TEST(HealthTable, StaysInsideItsBytesWhateverTheyAre)
{
    const auto memory = build_table(two_answers());
    ASSERT_TRUE(memory);
    auto bytes = copy_of(*memory);
    std::size_t read = 0, refused = 0, mismatches = 0;
    for (auto& byte : bytes) {
        for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
            const auto before = std::exchange(byte, static_cast<std::byte>(value));
            if (const auto table = HealthTable::open(bytes)) {
                for (std::uint32_t i = 0; i < table->answers(); ++i) {
                    const auto answer = table->answer(i);
                    for (const auto text : {answer.profile, answer.content_type, answer.body}) {
                        read += text.empty() ? 0 : static_cast<unsigned char>(text.back()) + 1;
                    }
                }
                mismatches += table->checksum_matches() ? 0 : 1;
            } else {
                ++refused;
            }
            byte = before;
        }
    }
    EXPECT_GT(read, 0u);
    EXPECT_GT(refused, 100u);
    EXPECT_GT(mismatches, 100u);
}

TEST(HealthTable, RefusesABodyThatEndsWithAMark)
{
    auto spec = two_answers();
    spec.answers[0].body = "{\x01";
    const auto memory = build_table(spec);
    ASSERT_TRUE(memory);
    EXPECT_FALSE(HealthTable::open(memory->bytes()));
}

TEST(HealthTable, OfNothingIsATable)
{
    const auto memory = build_table({});
    ASSERT_TRUE(memory);
    const auto table = HealthTable::open(memory->bytes());
    ASSERT_TRUE(table);
    EXPECT_EQ(table->answers(), 0u);
    EXPECT_EQ(table->state(), State::unknown);
}

}  // namespace
}  // namespace gatehouse::health
