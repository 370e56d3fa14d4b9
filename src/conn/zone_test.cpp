#include "src/conn/zone.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

#include "src/base/worker_slots.h"

namespace gatehouse::conn {
namespace {

using Verdict = CapTable::Verdict;

constexpr std::uint64_t now_ms = 1'000'000;

TEST(CapZone, HoldsAsManyKeysAsTheDocumentsSay)
{
    const auto small = Zone::make("z", 64 * 1024, 32);
    ASSERT_TRUE(small);
    EXPECT_EQ(small->capacity(), 424u);
    EXPECT_GT(Zone::make("z", 1024 * 1024, 32)->capacity(), 7000u);
    EXPECT_EQ(Zone::make("z", 64 * 1024, 1024)->capacity(), 16u) << "as few as there must be";
}

TEST(CapZone, TellsKeysAndClassesApart)
{
    auto zone = Zone::make("z", 64 * 1024, 32);
    ASSERT_TRUE(zone);
    const std::string long_key(100'000, 'k');
    const CellKey keys[] = {
        zone->key("a", Class::any),       zone->key("a", Class::http),
        zone->key("a", Class::websocket), zone->key("a", Class::sse),
        zone->key("b", Class::any),       zone->key({"a\0", 2}, Class::any),
        zone->key(long_key, Class::any),  zone->key(long_key + "k", Class::any),
    };
    Writer worker{0};
    for (const auto& key : keys) {
        EXPECT_EQ(zone->table().acquire(worker, key, 1, now_ms).verdict, Verdict::admitted);
        EXPECT_EQ(zone->table().acquire(worker, key, 1, now_ms).verdict, Verdict::refused);
    }
}

TEST(CapZone, EveryZoneHasItsOwnHash)
{
    const auto one = Zone::make("z", 64 * 1024, 32);
    const auto two = Zone::make("z", 64 * 1024, 32);
    EXPECT_NE(one->key("a", Class::any).tag, two->key("a", Class::any).tag);
}

/// Keys that keep coming while some are held: what is let in uncounted is what finds no room alone.
TEST(CapZone, AFloodOfKeysPushesOutNobodyWhoHolds)
{
    auto zone = Zone::make("z", 64 * 1024, 32);
    Writer worker{0};
    std::vector<std::string> held;
    for (int i = 0; i < 100; ++i) {
        held.push_back("held " + std::to_string(i));
        ASSERT_EQ(
            zone->table().acquire(worker, zone->key(held.back(), Class::any), 1, now_ms).verdict,
            Verdict::admitted);
    }
    for (int i = 0; i < 1'000'000; ++i) {
        auto answer = zone->table().acquire(
            worker, zone->key("flood " + std::to_string(i), Class::any), 1, now_ms);
        ASSERT_EQ(answer.verdict, Verdict::admitted) << i;
        answer.hold.release();
    }
    for (const auto& key : held) {
        ASSERT_EQ(zone->table().acquire(worker, zone->key(key, Class::any), 1, now_ms).verdict,
                  Verdict::refused);
    }
}

CapTable* table_to_reap = nullptr;

void reap(unsigned slot)
{
    table_to_reap->reap(slot);
}

/// A process that takes and gives places until it is killed.
[[noreturn]] void work(Zone& zone, WorkerSlots& slots, unsigned seed)
{
    const auto slot = slots.claim(reap);
    if (!slot) {
        ::_exit(1);
    }
    Writer worker{*slot};
    std::mt19937 random{seed};
    std::vector<Hold> held;
    while (true) {
        const std::string key = std::to_string(random() % 200);
        const auto answer =
            zone.table().acquire(worker, zone.key(key, Class::any), 3, now_ms + random() % 9000);
        if (answer.verdict == Verdict::admitted) {
            held.push_back(answer.hold);
        }
        if (held.size() > 8) {
            std::swap(held[random() % held.size()], held.back());
            held.back().release();
            held.pop_back();
        }
    }
}

TEST(CapZone, ProcessesKilledAnywhereLeaveNothing)
{
    auto zone = Zone::make("z", 64 * 1024, 32);
    auto slots = WorkerSlots::create(32);
    ASSERT_TRUE(zone && slots);
    table_to_reap = &zone->table();
    std::mt19937 random{1};
    std::vector<pid_t> processes(3, 0);
    for (unsigned kill = 0; kill < 100; ++kill) {
        auto& process = processes[kill % processes.size()];
        if (process != 0) {
            ::kill(process, SIGKILL);
            ::waitpid(process, nullptr, 0);
        }
        process = ::fork();
        if (process == 0) {
            work(*zone, *slots, kill);
        }
        ::usleep(random() % 5000);  // so that the next one dies somewhere
    }
    for (const auto process : processes) {
        ::kill(process, SIGKILL);
        ::waitpid(process, nullptr, 0);
    }
    EXPECT_GT(zone->table().held(), 0u) << "the dead still count";
    slots->reap_dead(reap);
    EXPECT_EQ(zone->table().held(), 0u);
    Writer worker{31};
    for (int key = 0; key < 200; ++key) {  // and no cell is lost
        const auto name = "new " + std::to_string(key);
        ASSERT_EQ(zone->table().acquire(worker, zone->key(name, Class::any), 1, now_ms).verdict,
                  Verdict::admitted);
    }
}

}  // namespace
}  // namespace gatehouse::conn
