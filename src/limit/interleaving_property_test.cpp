// What holds for any schedule and any interleaving: nobody gets more than the limit says, and
// nobody pays for others.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "src/limit/test_zone.h"

namespace gatehouse::limit {
namespace {

constexpr int threads = 4;
constexpr std::uint64_t keys = 8;

struct Admitted {
    std::uint64_t key;
    Ticks at;
    Ticks window_ends;  ///< fixed: of the window that was charged
};

/// Threads that read a common clock, which some of them move on at random, and ask.
class Workers {
public:
    Workers(Zone& zone, const std::vector<Window>& windows, std::uint64_t longest_step_ms)
        : zone_(zone), windows_(windows), longest_step_ms_(longest_step_ms)
    {
    }

    std::vector<Admitted> run(int requests, std::uint64_t seed)
    {
        std::vector<std::thread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&, t] { work(requests, seed * threads + t); });
        }
        for (auto& worker : workers) {
            worker.join();
        }
        std::ranges::stable_sort(admitted_, {}, &Admitted::at);
        return std::move(admitted_);
    }

private:
    void work(int requests, std::uint64_t seed)
    {
        std::mt19937_64 random{seed};
        std::vector<Admitted> mine;
        for (int i = 0; i < requests; ++i) {
            if (random() % 8 == 0) {
                clock_ms_ += random() % longest_step_ms_;
            }
            const auto key = random() % keys;
            Request request{zone_, windows_, key, clock_ms_.load()};
            if (request.decide() == Request::npos) {
                const auto now = request.now();
                mine.push_back({key, now, now + request[0].outcome().reset});
            }
        }
        const std::lock_guard lock{mutex_};
        admitted_.insert(admitted_.end(), mine.begin(), mine.end());
    }

    Zone& zone_;
    const std::vector<Window>& windows_;
    std::uint64_t longest_step_ms_;
    std::atomic<std::uint64_t> clock_ms_{0};
    std::mutex mutex_;
    std::vector<Admitted> admitted_;
};

/// No stretch of time has more than `burst` and what `interval` refills in it. The greatest excess
/// over all stretches, in one pass: each request adds an interval, time takes it away.
void expect_burst_and_rate(const std::vector<Admitted>& admitted, Ticks burst, Ticks interval)
{
    std::map<std::uint64_t, std::pair<Ticks, Ticks>> excess;  // key → last time, excess
    for (const auto& request : admitted) {
        auto& [last, level] = excess[request.key];
        const auto passed = request.at - last;
        level = (level > passed ? level - passed : 0) + interval;
        last = request.at;
        ASSERT_LE(level, burst * interval);
    }
}

TEST(AnyInterleaving, GcraAdmitsNoMoreThanBurstAndRate)
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto zone = test_zone();
        const auto windows = windows_of("20/second");
        const auto admitted = Workers{zone, windows, 8}.run(5000, seed);
        ASSERT_GT(admitted.size(), keys * 20);
        expect_burst_and_rate(admitted, 20, windows[0].interval);
    }
}

TEST(AnyInterleaving, ARateAdmitsNoMoreThanBurstAndRate)
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto zone = test_zone();
        const std::vector<Window> windows{rate_window(50'000, 10, "50r/s")};
        const auto admitted = Workers{zone, windows, 8}.run(5000, seed);
        ASSERT_GT(admitted.size(), keys * 10);
        // limit_req cuts what a millisecond refills to thousandths of a request; so do we.
        expect_burst_and_rate(admitted, 11, ticks_per_second / 50);
    }
}

TEST(AnyInterleaving, AFixedWindowAdmitsItsAmount)
{
    for (const auto align : {Align::first, Align::utc}) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            auto zone = test_zone();
            const auto windows = windows_of("20/second", Algorithm::fixed, align);
            std::map<std::pair<std::uint64_t, Ticks>, int> in_window;
            for (const auto& request : Workers{zone, windows, 8}.run(5000, seed)) {
                ASSERT_LE((++in_window[{request.key, request.window_ends >> ticks_shift}]), 20);
            }
            ASSERT_GT(in_window.size(), keys);
        }
    }
}

TEST(AnyInterleaving, SeveralWindowsHoldTogether)
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto zone = test_zone();
        const auto windows = windows_of("10/second; 30/minute; 45/hour");
        const auto admitted = Workers{zone, windows, 40}.run(5000, seed);
        for (const auto& window : windows) {
            expect_burst_and_rate(admitted, window.amount, window.interval);
        }
    }
}

/// An honest client within its limit is never refused, whatever others do in the same zone: abuse
/// of one key, and a flood of new ones far beyond the zone's size.
TEST(AnyInterleaving, OthersKeysNeverStarveAnHonestOne)
{
    auto zone = test_zone();
    const auto windows = windows_of("10/minute; 1000/hour");
    std::atomic<std::uint64_t> clock_ms{0};
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> asked{0};
    std::vector<std::thread> abusers;
    for (std::uint64_t t = 0; t < 2; ++t) {
        abusers.emplace_back([&, t] {
            for (std::uint64_t i = 0; !stop; ++i) {
                admits(zone, windows, t == 0 ? 1 : 1000 + i, clock_ms);
                ++asked;
            }
        });
    }
    // One request in 6 s refills exactly as fast as it is spent.
    for (int i = 0; i < 500; ++i) {
        clock_ms += 6001;
        EXPECT_TRUE(admits(zone, windows, 2, clock_ms)) << i;
        for (const auto until = asked + 200; asked < until;) {
            std::this_thread::yield();
        }
    }
    stop = true;
    for (auto& abuser : abusers) {
        abuser.join();
    }
}

}  // namespace
}  // namespace gatehouse::limit
