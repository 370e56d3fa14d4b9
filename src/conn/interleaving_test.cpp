// Every interleaving of two and three workers with a few preemptions, and deaths at every step.
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "src/conn/cap_table.h"
#include "src/conn/test_schedule.h"
#include "src/conn/test_table.h"

namespace gatehouse::conn {
namespace {

using Verdict = CapTable::Verdict;
using Changes = std::vector<Schedule::Change>;

constexpr std::uint64_t now_ms = 1'000'000;

/// Calls `run` with all lists of up to `most` changes; it returns how many steps there were.
template <class Run>
int explore(const Run& run, unsigned workers, int most, bool with_death, Changes changes = {})
{
    const int steps = run(changes);
    int count = 1;
    if (most == 0) {
        return count;
    }
    const int first = changes.empty() ? 1 : changes.back().step + 1;
    for (int step = first; step <= steps; ++step) {
        for (unsigned next = 0; next < workers; ++next) {
            changes.push_back({step, next});
            count += explore(run, workers, most - 1, with_death, changes);
            if (with_death) {
                changes.back().dies = true;
                count += explore(run, workers, most - 1, false, changes);
            }
            changes.pop_back();
        }
    }
    return count;
}

struct World {
    explicit World(unsigned workers) : verdicts(workers, Verdict::no_room), holds(workers) {}

    TestTable table;
    std::vector<Verdict> verdicts;
    std::vector<Hold> holds;
    std::uint32_t inside = 0;
    std::uint32_t most_inside = 0;

    void enter(unsigned worker, const CapTable::Answer& answer)
    {
        verdicts[worker] = answer.verdict;
        if (answer.verdict == Verdict::admitted) {
            holds[worker] = answer.hold;
            most_inside = std::max(most_inside, ++inside);
        }
    }
};

Schedule::Body acquirer(World& world, unsigned worker, std::uint32_t limit)
{
    return [&world, worker, limit](const std::function<void()>& step) {
        Writer writer{worker};
        world.enter(worker, world.table->acquire(writer, TestTable::key(1), limit, now_ms, step));
    };
}

/// Comes and goes, then comes again.
Schedule::Body returner(World& world, unsigned worker, std::uint32_t limit)
{
    return [&world, worker, limit](const std::function<void()>& step) {
        Writer writer{worker};
        for (int round = 0; round < 2; ++round) {
            world.enter(worker,
                        world.table->acquire(writer, TestTable::key(1), limit, now_ms, step));
            step();
            if (round == 0 && world.holds[worker]) {
                --world.inside;
                world.holds[worker].release();
            }
        }
    };
}

int admitted(const World& world)
{
    int count = 0;
    for (const auto verdict : world.verdicts) {
        count += verdict == Verdict::admitted ? 1 : 0;
    }
    return count;
}

/// All ask at once for fewer places: as many as there are get one, in every interleaving.
void all_places_are_given(unsigned workers, std::uint32_t limit, int changes)
{
    const auto schedules = explore(
        [&](const Changes& list) {
            World world{workers};
            Schedule schedule{list};
            std::vector<Schedule::Body> bodies;
            for (unsigned i = 0; i < workers; ++i) {
                bodies.push_back(acquirer(world, i, limit));
            }
            schedule.run(bodies);
            EXPECT_EQ(world.most_inside, limit);
            EXPECT_EQ(admitted(world), static_cast<int>(limit));
            EXPECT_EQ(world.table->held(), limit);
            for (auto& hold : world.holds) {
                if (hold) {
                    hold.release();
                }
            }
            EXPECT_TRUE(world.table.all_idle());
            return schedule.steps();
        },
        workers, changes, false);
    EXPECT_GT(schedules, 100);
    testing::Test::RecordProperty("schedules", schedules);
}

TEST(CapInterleaving, TwoWorkersForOnePlace)
{
    all_places_are_given(2, 1, 3);
}

TEST(CapInterleaving, ThreeWorkersForTwoPlaces)
{
    all_places_are_given(3, 2, 2);
}

TEST(CapInterleaving, WorkersThatComeAndGoNeverPassTheLimit)
{
    explore(
        [&](const Changes& list) {
            World world{3};
            Schedule schedule{list};
            schedule.run({returner(world, 0, 1), returner(world, 1, 1), acquirer(world, 2, 1)});
            EXPECT_EQ(world.most_inside, 1u);
            EXPECT_EQ(world.table->held(), world.inside);
            return schedule.steps();
        },
        3, 2, false);
}

/// Wherever one dies the others go on, and the reaper makes it good.
TEST(CapInterleaving, AWorkerThatDiesAnywhereHoldsNobodyUpAndLeavesNothing)
{
    explore(
        [&](const Changes& list) {
            World world{2};
            Schedule schedule{list};
            schedule.run({acquirer(world, 0, 1), returner(world, 1, 1)});
            EXPECT_LE(world.most_inside, 1u);
            if (schedule.died(0) && world.verdicts[1] == Verdict::refused) {
                EXPECT_EQ(world.table->held(), 1u) << "who died had the place, not just asked";
            }
            for (unsigned i = 0; i < 2; ++i) {
                if (schedule.died(i)) {
                    world.table->reap(i);
                } else if (world.holds[i]) {
                    world.holds[i].release();
                }
            }
            EXPECT_EQ(world.table->held(), 0u);
            EXPECT_TRUE(world.table.all_idle());
            for (unsigned i = 0; i < 2; ++i) {  // in the place of the dead, or after the living
                Writer next{i, 1'000'000};
                auto answer = world.table->acquire(next, TestTable::key(1), 1, now_ms + 1);
                EXPECT_EQ(answer.verdict, Verdict::admitted);
                EXPECT_EQ(world.table->acquire(next, TestTable::key(1), 1, now_ms + 1).verdict,
                          Verdict::refused);
                if (answer.hold) {
                    answer.hold.release();
                }
            }
            return schedule.steps();
        },
        2, 2, true);
}

/// One leaves and another comes in while a third adds up: never were two there at once.
TEST(CapInterleaving, WhoIsRefusedWasOneTooMany)
{
    explore(
        [&](const Changes& list) {
            TestTable table;
            Writer leaving{0};
            auto hold = table->acquire(leaving, TestTable::key(1), 2, now_ms).hold;
            Verdict last{};
            Schedule schedule{list};
            schedule.run(
                {[&](const std::function<void()>& step) {
                     Writer worker{2};
                     last = table->acquire(worker, TestTable::key(1), 2, now_ms, step).verdict;
                 },
                 [&](const std::function<void()>& step) {
                     step();
                     hold.release();
                     Writer worker{1};
                     table->acquire(worker, TestTable::key(1), 2, now_ms, step);
                 }});
            EXPECT_EQ(last, Verdict::admitted);
            return schedule.steps();
        },
        2, 3, false);
}

/// Two keys want the one idle cell of a full table while its own key comes back.
TEST(CapInterleaving, ACellChangesHandsOnlyWhenNobodyHoldsIt)
{
    explore(
        [&](const Changes& list) {
            TestTable table{16};
            Writer other{3};
            for (std::uint64_t key = 0; key < 15; ++key) {
                EXPECT_EQ(table->acquire(other, TestTable::key(key), 1, now_ms).verdict,
                          Verdict::admitted);
            }
            auto idle = table->acquire(other, TestTable::key(15), 1, now_ms);
            idle.hold.release();

            int admitted[2] = {};
            const auto come = [&](unsigned worker, std::uint64_t key) {
                return [&table, &admitted, worker, key](const std::function<void()>& step) {
                    Writer writer{worker};
                    const auto answer =
                        table->acquire(writer, TestTable::key(key), 1, now_ms, step);
                    admitted[worker] = answer.verdict == Verdict::admitted ? 1 : 0;
                };
            };
            Schedule schedule{list};
            schedule.run({come(0, 15), come(1, 99)});
            EXPECT_EQ(admitted[0] + admitted[1], 1);
            EXPECT_EQ(table->held(TestTable::key(15)), static_cast<unsigned>(admitted[0]));
            EXPECT_EQ(table->held(TestTable::key(99)), static_cast<unsigned>(admitted[1]));
            EXPECT_EQ(table->held(), 16u);
            return schedule.steps();
        },
        2, 2, false);
}

}  // namespace
}  // namespace gatehouse::conn
