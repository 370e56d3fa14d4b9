// Two processes with several threads each on one zone: every charge is in the word it was made in,
// none is lost and none is there twice. Under ThreadSanitizer, with all that shares cells:
//
//   cmake --preset tsan && cmake --build --preset tsan --target gatehouse_core_test &&
//       ctest --preset tsan -R 'CellTable|TwoProcesses|AnyInterleaving|ZoneFile|UnderFlood'
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

#include "src/limit/cell_word.h"
#include "src/limit/test_zone.h"

namespace gatehouse::limit {
namespace {

constexpr int processes = 2;
constexpr int threads = 3;
constexpr std::uint64_t keys = 200;

/// How often each key was admitted, counted by all processes.
class Counts {
public:
    Counts()
        : of_key_(static_cast<std::atomic<std::uint64_t>*>(
              ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)))
    {
    }
    Counts(const Counts&) = delete;
    Counts& operator=(const Counts&) = delete;
    ~Counts() { ::munmap(of_key_, size); }

    std::atomic<std::uint64_t>& operator[](std::uint64_t key) { return of_key_[key]; }

private:
    static constexpr std::size_t size = keys * sizeof(std::atomic<std::uint64_t>);
    std::atomic<std::uint64_t>* of_key_;
};

void work(Zone& zone, const std::vector<Window>& windows, Counts& admitted, std::uint64_t seed)
{
    std::mt19937_64 random{seed};
    for (int i = 0; i < 20'000; ++i) {
        // Half of it on four keys, where the races are.
        const auto key = random() % (random() % 2 == 0 ? 4 : keys);
        const auto cost = 1 + random() % 2;
        if (admits(zone, windows, key, 0, cost)) {
            admitted[key] += cost;
        }
    }
}

void run_everywhere(Zone& zone, const std::vector<Window>& windows, Counts& admitted)
{
    std::vector<pid_t> children;
    for (int p = 0; p < processes; ++p) {
        const pid_t pid = ::fork();
        if (pid != 0) {
            children.push_back(pid);
            continue;
        }
        std::vector<std::thread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&, t] {
                work(zone, windows, admitted, static_cast<std::uint64_t>(p * threads + t));
            });
        }
        for (auto& worker : workers) {
            worker.join();
        }
        ::_exit(0);
    }
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_EQ(status, 0);
    }
}

/// No time passes, so a word is as many intervals ahead as its key was charged.
std::uint64_t charged(Zone& zone, const std::vector<Window>& windows, std::uint64_t key,
                      std::size_t window)
{
    const Request request{zone, windows, key, 0};
    const auto found = zone.table().find(CellKey::of(request.key(), windows[window].salt));
    if (found.cell == nullptr || free_at(found.word) <= request.now()) {
        return 0;
    }
    const auto ahead = free_at(found.word) - request.now();
    EXPECT_EQ(ahead % windows[window].interval, 0U);
    return ahead / windows[window].interval;
}

TEST(TwoProcesses, TheWordsSayWhatWasAdmitted)
{
    auto zone = test_zone();
    // The first is never full: each refusal by the second, after a race, takes a charge back.
    const auto windows = windows_of("1000000/day; 100/hour; 5000/month");
    Counts admitted;
    run_everywhere(zone, windows, admitted);
    std::uint64_t sum = 0;
    for (std::uint64_t key = 0; key < keys; ++key) {
        EXPECT_LE(admitted[key], 100U);
        for (std::size_t window = 0; window < windows.size(); ++window) {
            EXPECT_EQ(charged(zone, windows, key, window), admitted[key]) << key << " " << window;
        }
        sum += admitted[key];
    }
    EXPECT_GE(sum, 4 * 99U);
    const auto now = zone.now(test_clocks().monotonic_ms).ticks;
    EXPECT_EQ(zone.entries(now, 1u << 20), keys * windows.size());
}

}  // namespace
}  // namespace gatehouse::limit
