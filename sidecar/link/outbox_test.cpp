#include "sidecar/link/outbox.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::sidecar {
namespace {

using link::Type;

Snapshot snapshot(const std::string& name, std::uint64_t generation)
{
    board::SnapshotSpec spec;
    spec.name = name;
    spec.path = "/x";
    spec.generation = generation;
    spec.bodies = {{Format::json, Encoding::identity, "application/json", "[]"}};
    auto memory = board::build_snapshot(spec);
    return *board::Published::open(std::make_shared<const SealedMemory>(std::move(*memory)));
}

/// Takes all out as "type card generation at" for comparison.
std::vector<std::string> drain(Outbox& outbox)
{
    std::vector<std::string> all;
    while (!outbox.empty()) {
        const auto& letter = outbox.front();
        all.push_back(std::to_string(static_cast<int>(letter.type)) + " " + letter.name + " " +
                      std::to_string(letter.generation) + " " + std::to_string(letter.at_ms));
        outbox.pop();
    }
    return all;
}

using Texts = std::vector<std::string>;

TEST(Outbox, TheNewestPublishOfACardWins)
{
    Outbox outbox;
    for (std::uint64_t generation = 1; generation <= 50; ++generation) {
        outbox.publish("a", snapshot("a", generation), 100);
    }
    outbox.publish("b", snapshot("b", 51), 100);
    EXPECT_EQ(outbox.size(), 2u);
    EXPECT_EQ(drain(outbox), (Texts{"16 a 50 100", "16 b 51 100"}));
    EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, ARenewalOfWhatWaitsOnlyMovesItsTime)
{
    Outbox outbox;
    outbox.publish("a", snapshot("a", 3), 100);
    outbox.renew("a", 3, 200);
    EXPECT_EQ(drain(outbox), (Texts{"16 a 3 200"}));
    outbox.renew("a", 3, 300);
    outbox.renew("a", 3, 400);
    EXPECT_EQ(drain(outbox), (Texts{"17 a 3 400"}));
    outbox.renew("a", 3, 500);
    outbox.publish("a", snapshot("a", 4), 600);
    EXPECT_EQ(drain(outbox), (Texts{"16 a 4 600"}));
}

TEST(Outbox, RetractReplacesAPublishAndAPublishARetract)
{
    Outbox outbox;
    outbox.publish("a", snapshot("a", 1), 1);
    outbox.retract("a");
    EXPECT_EQ(drain(outbox), (Texts{"19 a 0 0"}));
    outbox.retract("a");
    outbox.publish("a", snapshot("a", 2), 2);
    EXPECT_EQ(drain(outbox), (Texts{"16 a 2 2"}));
}

TEST(Outbox, SyncedStaysBehindWhatWasThereBefore)
{
    Outbox outbox;
    outbox.keep("b");
    outbox.publish("a", snapshot("a", 1), 1);
    outbox.synced(1);
    outbox.publish("a", snapshot("a", 2), 2);  // newer still: in the old one's place
    outbox.publish("c", snapshot("c", 3), 3);
    EXPECT_EQ(drain(outbox), (Texts{"18 b 0 0", "16 a 2 2", "20  1 0", "16 c 3 3"}));
}

TEST(Outbox, ATableWaitsOnceAndBehindTheTablesItMayBuildOn)
{
    Outbox outbox;
    outbox.table({"tokens.changes", 1, nullptr});
    outbox.table({"tokens", 2, nullptr});
    outbox.table({"tokens.changes", 3, nullptr});
    outbox.keep("tokens");
    EXPECT_EQ(drain(outbox), (Texts{"23 tokens 2 0", "23 tokens.changes 3 0", "18 tokens 0 0"}));
}

TEST(Outbox, OneBeatWaitsAtMost)
{
    Outbox outbox;
    for (std::int64_t ms = 0; ms < 60'000; ms += 1000) {
        outbox.beat(ms, 0);
    }
    EXPECT_EQ(drain(outbox), (Texts{"21  0 59000"}));
}

}  // namespace
}  // namespace gatehouse::sidecar
