#include "sidecar/link/access.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace gatehouse::sidecar {
namespace {

constexpr gid_t workers = 4711;
constexpr uid_t stranger = 65'000;
constexpr gid_t strangers = 65'001;

TEST(Access, RootOurselvesUsersAndTheGroup)
{
    const auto access = Access::of({"daemon"}, workers);
    ASSERT_TRUE(access);
    EXPECT_TRUE(access->permits({1, 0, strangers}, {}));
    EXPECT_TRUE(access->permits({1, ::geteuid(), strangers}, {}));
    EXPECT_TRUE(access->permits({1, 1, strangers}, {}));  // Debian's user daemon
    EXPECT_TRUE(access->permits({1, stranger, workers}, {}));
    EXPECT_TRUE(access->permits({1, stranger, strangers}, {7, workers}));
    EXPECT_FALSE(access->permits({1, stranger, strangers}, {7, 8}));
}

TEST(Access, WithoutAGroupItIsOurOwn)
{
    const auto access = Access::of({}, static_cast<gid_t>(-1));
    ASSERT_TRUE(access);
    EXPECT_TRUE(access->permits({1, stranger, ::getegid()}, {}));
    EXPECT_FALSE(access->permits({1, stranger, strangers}, {}));
}

TEST(Access, UnknownNamesAreErrors)
{
    EXPECT_FALSE(Access::of({"no-such-user-here"}, workers));
    EXPECT_FALSE(group_id("no-such-group-here"));
    EXPECT_EQ(*group_id(""), static_cast<gid_t>(-1));
}

}  // namespace
}  // namespace gatehouse::sidecar
