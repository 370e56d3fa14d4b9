// A worker, and a reaper, killed at every step they take on the memory of a cap: others go on at
// once, and once the dead one is reaped nothing of it is left. Built with GATEHOUSE_CRASH_POINTS.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>

#include "src/base/crash_point.h"
#include "src/conn/zone.h"

namespace gatehouse::conn {
namespace {

using Verdict = CapTable::Verdict;

constexpr std::uint64_t now_ms = 1'000'000;

/// Runs `work` in a process that is killed at its `step`-th step. False: it ended before.
bool killed_at(long step, const std::function<void()>& work)
{
    const pid_t child = ::fork();
    if (child == 0) {
        crash_countdown = step;
        work();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

class CapCrash : public testing::Test {
protected:
    CellKey key(const std::string& text) const { return zone_->key(text, Class::any); }

    /// Comes, goes, and comes once more, as worker 0; a new key, then a known one.
    void come_and_go()
    {
        Writer worker{0};
        for (const char* text : {"known", "new"}) {
            auto answer = zone_->table().acquire(worker, key(text), 2, now_ms);
            if (answer.verdict == Verdict::admitted) {
                answer.hold.release();
                (void)zone_->table().acquire(worker, key(text), 2, now_ms);
            }
        }
    }

    /// Others go on at once, within the limit.
    void others_go_on()
    {
        for (const char* text : {"known", "new"}) {
            const auto before = zone_->table().held(key(text));
            ASSERT_LE(before, 2u);
            auto answer = zone_->table().acquire(other_, key(text), 2, now_ms);
            ASSERT_EQ(answer.verdict, before < 2 ? Verdict::admitted : Verdict::refused);
            ASSERT_LE(zone_->table().held(key(text)), 2u);
            if (answer.hold) {
                answer.hold.release();
            }
        }
    }

    void nothing_is_left()
    {
        EXPECT_EQ(zone_->table().held(), 0u);
        for (const char* text : {"known", "new"}) {
            Writer next{0, 1'000'000'000};
            Hold holds[2];
            for (auto& hold : holds) {
                const auto answer = zone_->table().acquire(next, key(text), 2, now_ms);
                ASSERT_EQ(answer.verdict, Verdict::admitted);
                hold = answer.hold;
            }
            ASSERT_EQ(zone_->table().acquire(other_, key(text), 2, now_ms).verdict,
                      Verdict::refused);
            for (auto& hold : holds) {
                hold.release();
            }
        }
    }

    void begin()
    {
        auto made = Zone::make("z", Zone::smallest_bytes, 32);
        ASSERT_TRUE(made);
        zone_.emplace(std::move(*made));
        auto answer = zone_->table().acquire(other_, key("known"), 2, now_ms);
        answer.hold.release();
    }

    Writer other_{1};
    std::optional<Zone> zone_;
};

TEST_F(CapCrash, OfAWorker)
{
    long step = 1;
    for (begin(); killed_at(step, [&] { come_and_go(); }); begin(), ++step) {
        others_go_on();
        zone_->table().reap(0);
        nothing_is_left();
    }
    EXPECT_GT(step, 30);
}

TEST_F(CapCrash, OfAReaper)
{
    long step = 1;
    const auto reap = [&] { zone_->table().reap(0); };
    for (begin(), come_and_go(); killed_at(step, reap); begin(), come_and_go(), ++step) {
        reap();
        nothing_is_left();
    }
    EXPECT_GT(step, 2);
}

}  // namespace
}  // namespace gatehouse::conn
