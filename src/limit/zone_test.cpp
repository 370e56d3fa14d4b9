// Zones in memory and in files: made, opened again, and shared.
#include "src/limit/zone.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <atomic>
#include <thread>

#include "src/limit/cell_word.h"
#include "src/limit/test_zone_file.h"

namespace gatehouse::limit {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ZoneMemory, HasACellForEvery16BytesBeyondItsHeader)
{
    EXPECT_EQ(test_zone(64 * 1024).capacity(), (64 * 1024 - 4096) / 16);
    EXPECT_EQ(test_zone(1 << 20).capacity(), ((1 << 20) - 4096) / 16);
}

TEST(ZoneMemory, IsRefusedBelowTheSmallestSize)
{
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{4096}, Zone::smallest_bytes - 1}) {
        const auto zone =
            Zone::open({.name = "z", .bytes = bytes, .key = "k", .path = {}}, test_clocks());
        ASSERT_FALSE(zone);
        EXPECT_THAT(zone.error().message, HasSubstr("needs 65536 bytes"));
    }
}

TEST(ZoneMemory, CannotBeCutBehindAUsersBack)
{
    auto zone = test_zone();
    EXPECT_EQ(::ftruncate(zone.fd(), 4096), -1);
}

TEST(ZoneMemory, CountsEntriesExactlyOrBySample)
{
    auto zone = test_zone(4 << 20);
    const auto windows = windows_of("10/hour");
    constexpr std::uint64_t keys = 50'000;
    for (std::uint64_t key = 0; key < keys; ++key) {
        admits(zone, windows, key, 0);
    }
    const auto at = [&](std::uint64_t ms) {
        return zone.now(test_clocks().monotonic_ms + ms).ticks;
    };
    EXPECT_EQ(zone.entries(at(0), zone.capacity()), keys);
    EXPECT_NEAR(static_cast<double>(zone.entries(at(0))), keys, keys * 0.1);
    EXPECT_EQ(zone.entries(at(3'600'000), zone.capacity()), 0U);
}

TEST_F(ZoneFile, KeepsItsCounts)
{
    const auto windows = windows_of("10/hour");
    {
        auto zone = open();
        spend(zone, windows, test_clocks().monotonic_ms, 4);
        EXPECT_EQ(remaining(zone, windows, test_clocks().monotonic_ms), 6U);
    }
    auto again = open();
    EXPECT_EQ(remaining(again, windows, test_clocks().monotonic_ms), 6U);
    EXPECT_EQ(fs::file_size(settings_.path), settings_.bytes);
    EXPECT_EQ(fs::status(settings_.path).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(ZoneFile, IsMadeAgainWhenItsMakingWasCutShort)
{
    write("");
    open();
    write(std::string(settings_.bytes, '\0'));
    open();
    // Killed before the magic was written.
    change([](ZoneHeader& header) { header.magic = 0; });
    open();
}

TEST_F(ZoneFile, IsSharedByAllWhoOpenIt)
{
    const auto windows = windows_of("10/hour");
    auto worker = open();
    spend(worker, windows, test_clocks().monotonic_ms, 3);
    auto next = open();
    spend(next, windows, test_clocks().monotonic_ms, 3);
    EXPECT_EQ(remaining(worker, windows, test_clocks().monotonic_ms), 4U);
}

/// While workers charge, others open the file over and over: every charge stays.
TEST_F(ZoneFile, MayBeOpenedWhileWorkersUseIt)
{
    const auto windows = windows_of("1000000/day");
    constexpr int threads = 3;
    constexpr std::uint64_t keys = 500;
    constexpr std::uint64_t rounds = 40;
    auto zone = open();
    std::atomic<int> running{threads};
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&] {
            for (std::uint64_t i = 0; i < keys * rounds; ++i) {
                admits(zone, windows, i / rounds, 0);
            }
            --running;
        });
    }
    while (running > 0) {
        open();
    }
    for (auto& worker : workers) {
        worker.join();
    }
    for (std::uint64_t key = 0; key < keys; ++key) {
        const Request request{zone, windows, key, 0};
        const auto found = zone.table().find(CellKey::of(request.key(), windows[0].salt));
        ASSERT_EQ((free_at(found.word) - request.now()) / windows[0].interval, threads * rounds);
    }
}

TEST_F(ZoneFile, IsMadeOnceByProcessesThatBeginTogether)
{
    for (int round = 0; round < 20; ++round) {
        fs::remove(settings_.path);
        std::atomic<int> ready{0};
        std::uint64_t hashes[4];
        std::vector<std::thread> openers;
        for (auto& hash : hashes) {
            openers.emplace_back([&] {
                for (++ready; ready < 4;) {
                    std::this_thread::yield();
                }
                hash = open().hash("a");
            });
        }
        for (auto& opener : openers) {
            opener.join();
        }
        EXPECT_THAT(hashes, testing::Each(hashes[0]));
    }
}

TEST_F(ZoneFile, SaysThatAnotherHoldsItsLock)
{
    open();
    const int fd = ::open(settings_.path.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(fd, LOCK_EX), 0);
    const auto zone = Zone::open(settings_, test_clocks());
    ASSERT_FALSE(zone);
    EXPECT_THAT(zone.error().message, AllOf(HasSubstr("cannot lock"), HasSubstr("start again")));
    ::close(fd);
    EXPECT_EQ(refusal(), "");
}

}  // namespace
}  // namespace gatehouse::limit
