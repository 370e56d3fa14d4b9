#include "sidecar/databases/pool.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::databases {
namespace {

using namespace std::chrono_literals;

struct Connection {};

// A pool is full of connections once as many were open as may be used at a time: from then on each
// that comes back is kept for the next, in whatever order users come and go.
TEST(ConnectionPool, OpensNoMoreThanItKeepsWhenNoMoreAreUsed)
{
    constexpr int size = 2;
    constexpr int users = 4;
    constexpr int uses = 20'000;
    std::atomic<int> opened = 0;
    ConnectionPool<Connection> pool(
        {.size = size, .overflow = 0, .timeout = 60s},
        [&](const Job&) -> Result<std::unique_ptr<Connection>> {
            ++opened;
            return std::make_unique<Connection>();
        },
        [](const Connection&) { return true; });
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int user = 0; user < users; ++user) {
            threads.emplace_back([&] {
                for (int use = 0; use < uses; ++use) {
                    refused += pool.acquire({.deadline = Clock::now() + 60s}) ? 0 : 1;
                }
            });
        }
    }
    EXPECT_EQ(refused, 0);
    EXPECT_LE(opened, size);
    EXPECT_EQ(pool.state().idle, static_cast<std::uint64_t>(opened));
}

}  // namespace
}  // namespace gatehouse::databases
