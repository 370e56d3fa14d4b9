// A worker is killed between any two steps of writing a decision: readers see it whole or not at
// all, and the next worker of the slot goes on.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "src/audit/region.h"
#include "src/base/crash_point.h"

namespace gatehouse::audit {
namespace {

Decision numbered(std::uint64_t n)
{
    Decision decision;
    decision.at_ms = static_cast<std::int64_t>(n);
    decision.user = "a user whose name takes several words";
    decision.rule = "scope:read";
    return decision;
}

bool killed_at(long step, const Ring& ring, std::uint64_t number)
{
    const pid_t child = ::fork();
    if (child == 0) {
        crash_countdown = step;
        write(ring, numbered(number));
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST(AuditRingCrash, ADecisionIsThereWholeOrNotAtAll)
{
    auto region = Region::create(1, 1);
    ASSERT_TRUE(region);
    const auto reader = Reader::open(region->bytes());
    ASSERT_TRUE(reader);
    // Once round, so that records are written over others.
    for (std::uint64_t n = 1; n <= ring_capacity; ++n) {
        write(region->ring(0), numbered(n));
    }
    long step = 1;
    while (killed_at(step, region->ring(0), ring_capacity + static_cast<std::uint64_t>(step))) {
        const auto head = reader->written(0);
        TextBuffer text;
        for (auto n = head - 3; n <= head; ++n) {
            const auto decision = read(reader->ring(0), n, text);
            ASSERT_TRUE(decision) << step << ' ' << n;
            EXPECT_EQ(decision->user, numbered(n).user);
        }
        if (const auto half = read(reader->ring(0), head + 1, text)) {
            EXPECT_EQ(half->user, numbered(0).user) << step;
        }
        // The next one of the slot.
        write(region->ring(0), numbered(head + 1));
        ASSERT_EQ(reader->written(0), head + 1);
        ASSERT_TRUE(read(reader->ring(0), head + 1, text));
        ++step;
    }
    EXPECT_GT(step, 10) << "there were crash points";
}

}  // namespace
}  // namespace gatehouse::audit
