#include "src/limit/zone_view.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "src/base/unique_fd.h"
#include "src/limit/test_zone.h"

namespace gatehouse::limit {
namespace {

using testing::HasSubstr;
using Access = ZoneView::Access;

Now now_of(const Zone& zone, std::uint64_t ms = 0)
{
    return zone.now(test_clocks().monotonic_ms + ms);
}

/// As a Request hashes a key.
std::uint64_t hash_of(const ZoneView& view, std::uint64_t key)
{
    char bytes[sizeof key];
    std::memcpy(bytes, &key, sizeof key);
    return view.hash({bytes, sizeof bytes});
}

ZoneView view_of(const Zone& zone, Access access = Access::write)
{
    auto view = ZoneView::open(zone.fd(), access);
    EXPECT_TRUE(view) << view.error().message;
    return std::move(*view);
}

TEST(ZoneView, SeesWhatTheZoneDecides)
{
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        auto zone = test_zone();
        const auto windows = windows_of("3/minute; 5/hour", algorithm);
        const auto view = view_of(zone, Access::read);
        for (std::uint64_t left = 3; left > 0; --left) {
            const auto found = view.standing(windows[0], hash_of(view, 7), now_of(zone));
            EXPECT_EQ(found.remaining, left);
            EXPECT_FALSE(found.limited());
            EXPECT_TRUE(admits(zone, windows, 7, 0));
        }
        EXPECT_TRUE(view.standing(windows[0], hash_of(view, 7), now_of(zone)).limited());
        EXPECT_EQ(view.standing(windows[1], hash_of(view, 7), now_of(zone)).used, 3U);
        EXPECT_EQ(view.standing(windows[0], hash_of(view, 8), now_of(zone)).used, 0U);
        EXPECT_EQ(view.capacity(), zone.capacity());
        EXPECT_EQ(view.entries(now_of(zone).ticks), 2U);
        EXPECT_EQ(view.now(5, 6).ticks, zone.now(5).ticks);
        EXPECT_EQ(view.now(5, 6).utc_offset_ms, 6);
    }
}

TEST(ZoneView, FreesAKeyAndNoOther)
{
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        auto zone = test_zone();
        const auto windows = windows_of("1/minute", algorithm);
        EXPECT_TRUE(admits(zone, windows, 1, 0) && admits(zone, windows, 2, 0));
        auto view = view_of(zone);
        EXPECT_EQ(view.free_key(windows[0], hash_of(view, 1), now_of(zone)), 1U);
        EXPECT_EQ(view.free_key(windows[0], hash_of(view, 1), now_of(zone)), 0U);
        EXPECT_TRUE(admits(zone, windows, 1, 0));
        EXPECT_FALSE(admits(zone, windows, 2, 0));
    }
}

TEST(ZoneView, FreesBothCellsOfASlidingWindow)
{
    auto zone = test_zone();
    const auto windows = windows_of("10/minute", Algorithm::sliding);
    EXPECT_TRUE(admits(zone, windows, 1, 0) && admits(zone, windows, 1, 60'000));
    auto view = view_of(zone);
    EXPECT_EQ(view.free_key(windows[0], hash_of(view, 1), now_of(zone, 60'000)), 2U);
}

TEST(ZoneView, FreesAll)
{
    auto zone = test_zone();
    const auto windows = windows_of("1/minute");
    for (std::uint64_t key = 0; key < 500; ++key) {
        EXPECT_TRUE(admits(zone, windows, key, 0));
    }
    EXPECT_EQ(view_of(zone).free_all(), 500U);
    EXPECT_EQ(zone.entries(now_of(zone).ticks, zone.capacity()), 0U);
    EXPECT_TRUE(admits(zone, windows, 5, 0));
}

TEST(ZoneView, FreesWhileWorkersCharge)
{
    auto zone = test_zone();
    const auto windows = windows_of("1000000/hour");
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> charged{0};
    std::thread worker{[&] {
        while (!stop) {
            EXPECT_TRUE(admits(zone, windows, charged++ % 3, 0));
        }
    }};
    auto view = view_of(zone);
    while (charged < 100) {
        std::this_thread::yield();
    }
    for (int i = 0; i < 2000; ++i) {
        view.free_key(windows[0], hash_of(view, static_cast<std::uint64_t>(i % 3)), now_of(zone));
        if (i % 50 == 0) {
            view.free_all();
        }
    }
    stop = true;
    worker.join();
    view.free_all();
    EXPECT_EQ(view.standing(windows[0], hash_of(view, 0), now_of(zone)).used, 0U);
    EXPECT_EQ(zone.entries(now_of(zone).ticks, zone.capacity()), 0U);
}

TEST(ZoneView, RefusesWhatIsNoZone)
{
    const auto why = [](int fd) {
        const auto view = ZoneView::open(fd, Access::read);
        return view ? std::string{} : view.error().message;
    };
    EXPECT_THAT(why(-1), HasSubstr("fstat"));
    const UniqueFd blank{::memfd_create("test", MFD_CLOEXEC)};
    EXPECT_THAT(why(blank.get()), HasSubstr("smaller than any"));
    ASSERT_EQ(::ftruncate(blank.get(), Zone::smallest_bytes), 0);
    EXPECT_THAT(why(blank.get()), HasSubstr("no limit zone"));
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const UniqueFd pipe_ends[] = {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
    EXPECT_NE(why(ends[0]), "");
}

TEST(ZoneView, RefusesADamagedHeader)
{
    const auto zone = test_zone();
    ZoneHeader sound;
    ASSERT_EQ(::pread(zone.fd(), &sound, sizeof sound, 0), static_cast<ssize_t>(sizeof sound));
    const auto why = [&](const ZoneHeader& header) {
        EXPECT_EQ(::pwrite(zone.fd(), &header, sizeof header, 0),
                  static_cast<ssize_t>(sizeof header));
        const auto view = ZoneView::open(zone.fd(), Access::read);
        return view ? std::string{} : view.error().message;
    };
    auto header = sound;
    header.version = 2;
    EXPECT_THAT(why(header), HasSubstr("version 2"));
    header = sound;
    header.cell_count += 8;
    EXPECT_THAT(why(header), HasSubstr("damaged"));
    header = sound;
    header.description_size = 5000;
    EXPECT_THAT(why(header), HasSubstr("damaged"));
    header = sound;
    header.hash_key[0] ^= 1;
    EXPECT_THAT(why(header), HasSubstr("damaged"));
    EXPECT_EQ(why(sound), "");
}

TEST(ZoneView, WritesOnlyWhereItMay)
{
    const auto zone = test_zone();
    const std::string path = "/proc/self/fd/" + std::to_string(zone.fd());
    const UniqueFd read_only{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    ASSERT_TRUE(read_only);
    EXPECT_TRUE(ZoneView::open(read_only.get(), Access::read));
    EXPECT_FALSE(ZoneView::open(read_only.get(), Access::write));
}

}  // namespace
}  // namespace gatehouse::limit
