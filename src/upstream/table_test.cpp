#include "src/upstream/table.h"

#include <gtest/gtest.h>

#include <utility>

namespace gatehouse::upstream {
namespace {

std::vector<PeerSpec> two_peers()
{
    return {{"app", "127.0.0.1:8001", "", PeerState::up, true, 1'700'000'000'000, 1'700'000'001'000,
             1500},
            {"app", "[::1]:8002", "the answer has\nthe status 500", PeerState::down, false,
             1'700'000'002'000, 1'700'000'003'000, 3'000'000}};
}

std::vector<std::byte> bytes_of(const std::vector<PeerSpec>& peers)
{
    const auto memory = build_table(peers);
    if (!memory) {
        return {};
    }
    const auto bytes = memory->bytes();
    return {bytes.begin(), bytes.end()};
}

TEST(UpstreamsTable, GivesBackWhatItWasMadeOf)
{
    const auto bytes = bytes_of(two_peers());
    const auto table = UpstreamsTable::open(bytes);
    ASSERT_TRUE(table) << table.error().message;
    ASSERT_EQ(table->peers(), 2u);
    const auto up = table->peer(0);
    EXPECT_EQ(up.upstream, "app");
    EXPECT_EQ(up.peer, "127.0.0.1:8001");
    EXPECT_EQ(up.reason, "");
    EXPECT_EQ(up.state, PeerState::up);
    EXPECT_EQ(up.since_ms, 1'700'000'000'000);
    EXPECT_TRUE(up.recovered);
    EXPECT_EQ(up.checked_at_ms, 1'700'000'001'000);
    EXPECT_EQ(up.duration_us, 1500u);
    const auto down = table->peer(1);
    EXPECT_EQ(down.peer, "[::1]:8002");
    EXPECT_EQ(down.reason, "the answer has the status 500");
    EXPECT_EQ(down.state, PeerState::down);
    EXPECT_FALSE(down.recovered);
}

TEST(UpstreamsTable, OfNobodyIsATable)
{
    const auto bytes = bytes_of({});
    const auto table = UpstreamsTable::open(bytes);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->peers(), 0u);
}

TEST(UpstreamsTable, RefusesEveryPrefix)
{
    const auto bytes = bytes_of(two_peers());
    ASSERT_FALSE(bytes.empty());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(UpstreamsTable::open(std::span{bytes}.first(size))) << size;
    }
}

/// Whatever a byte becomes, either the table is refused or all it hands out can be read.
TEST(UpstreamsTable, StaysInsideItsBytesWhateverTheyAre)
{
    auto bytes = bytes_of(two_peers());
    std::size_t read = 0, refused = 0;
    for (auto& byte : bytes) {
        for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
            const auto before = std::exchange(byte, static_cast<std::byte>(value));
            if (const auto table = UpstreamsTable::open(bytes)) {
                for (std::uint32_t i = 0; i < table->peers(); ++i) {
                    const auto peer = table->peer(i);
                    for (const auto text : {peer.upstream, peer.peer, peer.reason}) {
                        read += text.empty() ? 0 : static_cast<unsigned char>(text.back());
                    }
                }
            } else {
                ++refused;
            }
            byte = before;
        }
    }
    EXPECT_GT(read, 0u);
    EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace gatehouse::upstream
