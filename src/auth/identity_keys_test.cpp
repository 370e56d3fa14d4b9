#include "src/auth/identity_keys.h"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using Shown = std::vector<std::string_view>;

const std::string old_seed(32, 'a');
const std::string new_seed(32, 'b');

TEST(IdentityKeys, OfOneKeyAreTheTableOfOneKey)
{
    const IdentityKeys keys{old_seed};
    EXPECT_EQ(identity_keys_bytes(keys), "GTHIDK01" + old_seed);
    const auto read = parse_identity_keys("GTHIDK01" + old_seed);
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->is_changing());
    EXPECT_EQ(read->signing(0), old_seed);
    EXPECT_EQ(read->shown(1'800'000'000), Shown{old_seed});
}

TEST(IdentityKeys, OfTwoAreDrawnByHand)
{
    // 0x0102 and 0x030405, the low byte first.
    const std::string bytes = std::string{"GTHIDK02"} + std::string{"\x02\x01\0\0\0\0\0\0", 8} +
                              std::string{"\x05\x04\x03\0\0\0\0\0", 8} + old_seed + new_seed;
    const IdentityKeys keys{old_seed, new_seed, 0x0102, 0x030405};
    EXPECT_EQ(identity_keys_bytes(keys), bytes);
    const auto read = parse_identity_keys(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->before, old_seed);
    EXPECT_EQ(read->after, new_seed);
    EXPECT_EQ(read->switch_at_s, 0x0102);
    EXPECT_EQ(read->until_s, 0x030405);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_identity_keys(bytes.substr(0, size))) << size;
    }
    EXPECT_FALSE(parse_identity_keys(bytes + "x"));
}

TEST(IdentityKeys, ThatEndBeforeTheyBeginAreNone)
{
    EXPECT_FALSE(parse_identity_keys(identity_keys_bytes({old_seed, new_seed, 20, 10})));
}

TEST(IdentityKeys, BothAreShownFromTheAnnouncementToTheEnd)
{
    const IdentityKeys keys{old_seed, new_seed, 100, 200};
    const Shown both{old_seed, new_seed};
    EXPECT_EQ(keys.signing(99), old_seed);
    EXPECT_EQ(keys.signing(100), new_seed);
    EXPECT_EQ(keys.shown(0), both);
    EXPECT_EQ(keys.shown(150), both);
    EXPECT_EQ(keys.shown(199), both);
    EXPECT_EQ(keys.shown(200), Shown{new_seed});
    EXPECT_TRUE(keys.settled(199).is_changing());
    EXPECT_EQ(keys.settled(200).before, new_seed);
    EXPECT_FALSE(keys.settled(200).is_changing());
}

}  // namespace
}  // namespace gatehouse::auth
