// Kills a process at every point between two steps on a limit's zone, and looks at what it leaves.
// Built with GATEHOUSE_CRASH_POINTS, apart from the other unit tests.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "src/base/crash_point.h"
#include "src/limit/cell_word.h"
#include "src/limit/test_zone.h"

#ifndef GATEHOUSE_CRASH_POINTS
#error "build with -DGATEHOUSE_CRASH_POINTS"
#endif

namespace gatehouse::limit {
namespace {

constexpr std::uint64_t amount = 5;

/// One kind of work, with what it needs to have happened before.
struct Work {
    const char* name;
    const char* quota;
    std::function<void(Zone&, const std::vector<Window>&)> before;
    std::function<void(Zone&, const std::vector<Window>&)> run;
    std::uint64_t at_ms = 0;    ///< when it runs
    std::uint64_t charged = 0;  ///< how often its key was admitted before
    std::uint64_t charges = 1;  ///< how many windows the work itself charges at most
    bool lets_go = false;       ///< the work may free the key's cell
};

/// In one word, as it becomes part of a test's name.
void PrintTo(const Work& work, std::ostream* out)
{
    std::string name = work.name;
    std::ranges::replace(name, ' ', '_');
    *out << name;
}

constexpr std::uint64_t worked_key = 7;

void nothing(Zone&, const std::vector<Window>&) {}

void fill(Zone& zone, const std::vector<Window>& windows)
{
    for (std::uint64_t key = 1000; key < 12'000; ++key) {
        admits(zone, windows, key, 0);
    }
}

/// The cell of a process that died when it had made the first step of an insertion.
void leave_tentative(Zone& zone, const std::vector<Window>& windows)
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        crash_countdown = 2;  // before and after the first replace
        admits(zone, windows, worked_key, 0);
        ::_exit(1);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
}

void ask(Zone& zone, const std::vector<Window>& windows)
{
    admits(zone, windows, worked_key, 0);
}

void ask_twice(Zone& zone, const std::vector<Window>& windows)
{
    ask(zone, windows);
    ask(zone, windows);
}

void ask_later(Zone& zone, const std::vector<Window>& windows)
{
    admits(zone, windows, worked_key, 7'200'000);
}

void ask_and_take_back(Zone& zone, const std::vector<Window>& windows)
{
    Request request{zone, windows, worked_key, 0};
    if (request.decide() == Request::npos) {
        take_back(request[0]);
    }
}

void refuse(Zone& zone, const std::vector<Window>& windows)
{
    admits(zone, windows, worked_key, 0, amount);
}

/// The child's end: whether it ran to its end.
bool runs_through(const Work& work, Zone& zone, const std::vector<Window>& windows, long point)
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        crash_countdown = point;
        work.run(zone, windows);
        ::_exit(0);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
    return WIFEXITED(status);
}

void expect_one_live_cell_of_each_key(const Zone& zone)
{
    std::map<std::uint64_t, int> live;
    for (const auto& cell : zone.table().cells()) {
        if (cell.tag() != 0 && !CellTable::is_tentative(cell.word())) {
            EXPECT_EQ(++live[cell.tag()], 1);
        }
    }
}

/// How many cells would deny their place to another key at this time.
std::uint64_t tentative_cells(const Zone& zone)
{
    std::uint64_t count = 0;
    for (const auto& cell : zone.table().cells()) {
        count += CellTable::is_tentative(cell.word()) ? 1 : 0;
    }
    return count;
}

/// How many requests the key still gets, asked for by this process.
std::uint64_t left_for(Zone& zone, const std::vector<Window>& windows, std::uint64_t ms)
{
    std::uint64_t left = 0;
    while (left < 2 * amount && admits(zone, windows, worked_key, ms)) {
        ++left;
    }
    return left;
}

class CrashPoints : public testing::TestWithParam<Work> {};

TEST_P(CrashPoints, LeaveAZoneThatGoesOn)
{
    const Work& work = GetParam();
    const auto windows = windows_of(work.quota);
    bool through = false;
    long points = 0;
    for (long point = 1; !through; ++point) {
        ASSERT_LT(point, 100);
        auto zone = test_zone();
        work.before(zone, windows);
        const auto tentative_before = tentative_cells(zone);
        through = runs_through(work, zone, windows, point);
        points = point;
        SCOPED_TRACE(point);
        expect_one_live_cell_of_each_key(zone);
        EXPECT_LE(tentative_cells(zone), tentative_before + 1);

        const auto left = left_for(zone, windows, work.at_ms);
        // Never more than the limit, and the dead one's charge is all that is missing.
        EXPECT_LE(left + work.charged, amount);
        EXPECT_GE(left + work.charged + work.charges, amount);
        expect_one_live_cell_of_each_key(zone);

        // A second later nothing that was begun holds up anybody.
        const auto later = work.at_ms + 1001;
        for (std::uint64_t key = 20'000; key < 20'400; ++key) {
            EXPECT_TRUE(admits(zone, windows, key, later));
        }
    }
    EXPECT_GT(points, 2) << "the work passes no crash point";
}

INSTANTIATE_TEST_SUITE_P(
    Of, CrashPoints,
    testing::Values(
        Work{.name = "a new key", .quota = "5/hour", .before = nothing, .run = ask},
        Work{.name = "a charge", .quota = "5/hour", .before = ask, .run = ask, .charged = 1},
        Work{.name = "two requests",
             .quota = "5/hour",
             .before = nothing,
             .run = ask_twice,
             .charges = 2},
        Work{.name = "an expired cell of its own",
             .quota = "5/hour",
             .before = ask,
             .run = ask_later,
             .at_ms = 7'200'000},
        Work{.name = "an expired cell of another",
             .quota = "5/hour",
             .before = fill,
             .run = ask_later,
             .at_ms = 7'200'000},
        Work{.name = "an eviction", .quota = "5/hour", .before = fill, .run = ask},
        Work{.name = "an insertion that another began",
             .quota = "5/hour",
             .before = leave_tentative,
             .run = ask},
        Work{.name = "three windows",
             .quota = "5/hour; 6/day; 7/month",
             .before = nothing,
             .run = ask},
        Work{.name = "three windows again",
             .quota = "5/hour; 6/day; 7/month",
             .before = ask,
             .run = ask,
             .charged = 1},
        Work{.name = "a charge taken back",
             .quota = "5/hour",
             .before = ask,
             .run = ask_and_take_back,
             .charged = 1},
        Work{.name = "a refusal",
             .quota = "5/hour",
             .before = ask,
             .run = refuse,
             .charged = 1,
             .charges = 0}));

/// A place that nobody finishes is free again after a second, and taken by whoever needs it.
TEST(Tentative, BlocksItsPlaceForNoMoreThanASecond)
{
    auto zone = test_zone();
    const auto windows = windows_of("5/hour");
    leave_tentative(zone, windows);
    ASSERT_EQ(tentative_cells(zone), 1U);
    for (std::uint64_t key = 1000; key < 12'000; ++key) {
        admits(zone, windows, key, 1000);
    }
    EXPECT_EQ(tentative_cells(zone), 1U);
    for (std::uint64_t key = 30'000; key < 60'000; ++key) {
        admits(zone, windows, key, 1001);
    }
    EXPECT_EQ(tentative_cells(zone), 0U);
}

}  // namespace
}  // namespace gatehouse::limit
