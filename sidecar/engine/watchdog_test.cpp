#include "sidecar/engine/watchdog.h"

#include <gtest/gtest.h>

#include <stop_token>
#include <thread>

#include "sidecar/engine/interrupter.h"

namespace gatehouse::engine {
namespace {

using Cause = Watchdog::Cause;
using Clock = Watchdog::Clock;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class WatchdogTest : public ::testing::Test {
protected:
    WatchdogTest()
    {
        duckdb_open(nullptr, database_.address());
        for (auto& connection : connections_) {
            duckdb_connect(database_.get(), connection.address());
        }
    }

    /// False: not within ten seconds.
    static bool comes(const Interrupter& interrupter, Cause cause)
    {
        const auto limit = Clock::now() + seconds{10};
        while (interrupter.cause() != cause && Clock::now() < limit) {
            std::this_thread::yield();
        }
        return interrupter.cause() == cause;
    }

    /// Until the watchdog waits for those alone that are watched now: it looks again after 20 ms.
    static void settle()
    {
        for (const auto end = Clock::now() + milliseconds{100}; Clock::now() < end;) {
            std::this_thread::yield();
        }
    }

    Database database_;
    Connection connections_[2];
};

TEST_F(WatchdogTest, TheLaterOneMayBeDueSooner)
{
    const Interrupter first{connections_[0].get(), Clock::now() + hours{1}, {}};
    settle();
    const Interrupter second{connections_[1].get(), Clock::now() + milliseconds{20}, {}};
    EXPECT_TRUE(comes(second, Cause::timeout));
    EXPECT_EQ(first.cause(), Cause::none);
}

TEST_F(WatchdogTest, AStopEndsThoseThatItIsFor)
{
    std::stop_source stop;
    const Interrupter stopped{connections_[0].get(), Clock::now() + hours{1}, stop.get_token()};
    const Interrupter other{connections_[1].get(), Clock::now() + hours{1}, {}};
    stop.request_stop();
    EXPECT_TRUE(comes(stopped, Cause::stop));
    EXPECT_EQ(other.cause(), Cause::none);
    const Interrupter late{connections_[1].get(), Clock::now() + hours{1}, stop.get_token()};
    EXPECT_TRUE(comes(late, Cause::stop));
}

TEST_F(WatchdogTest, EndsAQueryAndTheOnesThatFollow)
{
    const Interrupter interrupter{connections_[0].get(), Clock::now() + milliseconds{20}, {}};
    for (int i = 0; i < 2; ++i) {
        QueryResult result;
        EXPECT_EQ(duckdb_query(connections_[0].get(),
                               "select count(*) from range(200000) a, range(20000) b "
                               "where hash(a, b) = 0",
                               result.address()),
                  DuckDBError);
    }
    EXPECT_EQ(interrupter.cause(), Cause::timeout);
}

}  // namespace
}  // namespace gatehouse::engine
