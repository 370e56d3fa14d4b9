// A zone's file belongs to one nginx: who shares a claim, and when it ends.
#include "src/limit/zone_claim.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/limit/test_zone_file.h"

namespace gatehouse::limit {
namespace {

using testing::HasSubstr;

class ZoneClaim : public ZoneFile {
protected:
    /// Whether another process, which has none of this one's descriptors, can claim the file.
    bool is_free() const
    {
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::close_range(3, ~0U, 0);
            const auto claim = claim_file(settings_, {});
            ::_exit(claim ? 0 : 1);
        }
        int status = 0;
        ::waitpid(pid, &status, 0);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
};

TEST_F(ZoneClaim, KeepsOthersOut)
{
    {
        const auto claim = claim_file(settings_, {});
        ASSERT_TRUE(claim) << claim.error().message;
        EXPECT_FALSE(is_free());
        open();
    }
    EXPECT_TRUE(is_free());
}

TEST_F(ZoneClaim, GoesOnInAForkWithoutItsParent)
{
    // As nginx makes itself a daemon; a pipe tells when the parent may go.
    int done[2];
    ASSERT_EQ(::pipe(done), 0);
    auto claim = claim_file(settings_, {});
    ASSERT_TRUE(claim);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(done[1]);
        char byte = 0;
        [[maybe_unused]] const auto count = ::read(done[0], &byte, 1);
        ::_exit(0);
    }
    claim->reset();
    EXPECT_FALSE(is_free());
    ::close(done[1]);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(is_free());
    ::close(done[0]);
}

TEST_F(ZoneClaim, IsSharedWithinAProcess)
{
    auto first = claim_file(settings_, {});
    ASSERT_TRUE(first);
    const int held[] = {first->get()};
    auto second = claim_file(settings_, held);
    ASSERT_TRUE(second);
    EXPECT_NE(first->get(), second->get());
    first->reset();
    EXPECT_FALSE(is_free());
    second->reset();
    EXPECT_TRUE(is_free());
}

TEST_F(ZoneClaim, IsTakenOverFromWhoExecutedUs)
{
    // What came by exec is nobody's in this process yet.
    auto inherited = claim_file(settings_, {});
    ASSERT_TRUE(inherited);
    EXPECT_EQ(::fcntl(inherited->get(), F_GETFD) & FD_CLOEXEC, 0);
    auto claim = claim_file(settings_, {});
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->get(), inherited->release());
    claim->reset();
    EXPECT_TRUE(is_free());
}

TEST_F(ZoneClaim, IsNotHeldByWhoMapsTheZone)
{
    auto claim = claim_file(settings_, {});
    ASSERT_TRUE(claim);
    const auto zone = open();
    claim->reset();
    EXPECT_TRUE(is_free());
}

TEST_F(ZoneClaim, SaysWhoHasTheFile)
{
    int done[2];
    ASSERT_EQ(::pipe(done), 0);
    auto claim = claim_file(settings_, {});
    ASSERT_TRUE(claim);
    const pid_t other = ::fork();
    if (other == 0) {
        ::close(done[1]);
        char byte = 0;
        [[maybe_unused]] const auto count = ::read(done[0], &byte, 1);
        ::_exit(0);
    }
    claim->reset();
    const auto refused = claim_file(settings_, {});
    ::close(done[1]);
    ::waitpid(other, nullptr, 0);
    ::close(done[0]);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr("limit zone \"api\": the file \"" + settings_.path + "\""),
                      HasSubstr("is in use by another nginx; name another file")));
}

}  // namespace
}  // namespace gatehouse::limit
