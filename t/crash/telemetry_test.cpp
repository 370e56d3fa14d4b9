// A worker is killed between any two steps on the region: the next one goes on, and nothing is lost
// but what the dead one was about to do.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "src/base/crash_point.h"
#include "src/base/worker_slots.h"
#include "src/telemetry/exposition.h"
#include "src/telemetry/ring.h"
#include "src/telemetry/test_region.h"
#include "src/telemetry/top_keys.h"

namespace gatehouse::telemetry {
namespace {

Region* reaped_region = nullptr;

void reap(unsigned slot)
{
    reaped_region->clear_gauges(slot);
    crash_point();
}

/// What a worker does in its life, with a counter raised at the end of each step.
void live(Region& region, WorkerSlots& slots, const std::string& name)
{
    const auto slot = slots.claim(reap);
    ASSERT_TRUE(slot);
    auto& column = region.open_column(*slot);
    column.gauges[3].fetch_add(1);
    const auto endpoint = region.intern(NameKind::endpoint, name);
    ASSERT_TRUE(endpoint);
    const auto index = region.add_series({Family::http_requests, *endpoint, 200, 1});
    ASSERT_TRUE(index);
    add(column.counters[*index], 1);
    write_decision(column, {.at_ms = 1, .endpoint = *endpoint});
    count_key(column.top_keys[1], *endpoint, [&] { return name; });
}

/// True if the child was killed at its crash point.
bool killed_at(long step, Region& region, WorkerSlots& slots)
{
    const pid_t child = ::fork();
    if (child == 0) {
        crash_countdown = step;
        live(region, slots, "name " + std::to_string(step));
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST_F(RegionTest, SurvivesAWorkerThatDiesAtAnyStep)
{
    auto slots = WorkerSlots::create(2);
    ASSERT_TRUE(slots);
    reaped_region = &region;
    long step = 1;
    std::uint64_t sum_before = 0;
    for (; killed_at(step, region, *slots); ++step) {
        std::uint64_t sum = 0;
        for (const auto& total : reader().totals()) {
            sum += total.value;
        }
        EXPECT_GE(sum, sum_before) << step;
        sum_before = sum;
        for (const auto& decision : reader().decisions(100)) {
            EXPECT_EQ(decision.at_ms, 1) << step;
        }
        for (const auto& key : reader().top_keys(1, 100)) {
            EXPECT_EQ(key.label, reader().name(NameKind::endpoint, key.hash)) << step;
        }
        EXPECT_LE(reader().gauge(3), 1) << step;
    }
    EXPECT_GT(step, 15) << "there are crash points in all of it";
    slots->reap_dead(reap);
    EXPECT_EQ(reader().gauge(3), 0);
    live(region, *slots, "the last");
    Exposition out{ExpositionFormat::prometheus};
    expose_region(out, reader());
    EXPECT_NE(out.finish().find("endpoint=\"the last\",status=\"200\"} 1"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::telemetry
