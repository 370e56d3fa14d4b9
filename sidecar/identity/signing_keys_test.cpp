#include "sidecar/identity/signing_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/auth/identity_claims.h"

namespace gatehouse::identity {
namespace {

using std::chrono::seconds;

class SigningKeysTest : public testing::Test {
protected:
    std::vector<std::string> published_;
    SigningKeys keys_{[this](const std::string& bytes) { published_.push_back(bytes); }};
};

TEST_F(SigningKeysTest, MakesAKeyWhereNoneIsKept)
{
    ASSERT_TRUE(keys_.open("", 1000));
    ASSERT_EQ(published_.size(), 1U);
    EXPECT_EQ(published_[0], auth::identity_key_bytes(keys_.keys().before));
    EXPECT_EQ(keys_.keys().before.size(), 32U);
    ASSERT_TRUE(keys_.open("no table at all", 1000));
    EXPECT_NE(published_[1], published_[0]) << "each is another one";
}

TEST_F(SigningKeysTest, GoesOnWithTheOneThatIsKept)
{
    const auto kept = auth::identity_key_bytes(std::string(32, 'k'));
    ASSERT_TRUE(keys_.open(kept, 1000));
    EXPECT_EQ(published_, std::vector{kept});
}

TEST_F(SigningKeysTest, ShowsBothForTheOverlapBeforeAndAfterTheSwitch)
{
    ASSERT_TRUE(keys_.open(auth::identity_key_bytes(std::string(32, 'k')), 1000));
    ASSERT_TRUE(keys_.rotate(seconds{600}, 1000));
    const auto& now = keys_.keys();
    EXPECT_EQ(now.before, std::string(32, 'k'));
    EXPECT_EQ(now.switch_at_s, 1600);
    EXPECT_EQ(now.until_s, 2200);
    EXPECT_EQ(published_.back(), auth::identity_keys_bytes(now));
    EXPECT_FALSE(keys_.rotate(seconds{600}, 2199)) << "one change at a time";
    keys_.settle(2199);
    EXPECT_EQ(published_.size(), 2U);
    const auto after = keys_.keys().after;
    keys_.settle(2200);
    EXPECT_EQ(published_.back(), auth::identity_key_bytes(after));
    EXPECT_TRUE(keys_.rotate(seconds{600}, 2200));
    EXPECT_EQ(keys_.keys().before, after);
}

TEST_F(SigningKeysTest, ShowsTheOldOneForLongerThanAnythingItSigned)
{
    ASSERT_TRUE(keys_.open("", 1000));
    ASSERT_TRUE(keys_.rotate(seconds{1}, 1000));
    EXPECT_GE(keys_.keys().until_s - keys_.keys().switch_at_s, auth::identity_lifetime_s);
}

TEST_F(SigningKeysTest, AChangeSurvivesARestart)
{
    ASSERT_TRUE(keys_.open("", 1000));
    ASSERT_TRUE(keys_.rotate(seconds{600}, 1000));
    const auto kept = published_.back();
    SigningKeys next{[](const std::string&) {}};
    ASSERT_TRUE(next.open(kept, 1700));
    EXPECT_EQ(auth::identity_keys_bytes(next.keys()), kept);
    ASSERT_TRUE(next.open(kept, 9000));
    EXPECT_EQ(next.keys().before, keys_.keys().after) << "it ended meanwhile";
    EXPECT_FALSE(next.keys().is_changing());
}

TEST_F(SigningKeysTest, ReplacedAtOnceNothingOfTheOldOneIsLeft)
{
    ASSERT_TRUE(keys_.open(auth::identity_key_bytes(std::string(32, 'k')), 1000));
    ASSERT_TRUE(keys_.rotate(seconds{600}, 1000));
    const auto coming = keys_.keys().after;
    ASSERT_TRUE(keys_.replace());
    EXPECT_FALSE(keys_.keys().is_changing());
    EXPECT_NE(keys_.keys().before, std::string(32, 'k'));
    EXPECT_NE(keys_.keys().before, coming);
}

}  // namespace
}  // namespace gatehouse::identity
