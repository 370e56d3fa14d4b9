#include "sidecar/upstreams/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <numeric>

#include "sidecar/base/clock.h"
#include "sidecar/base/test_loop.h"

namespace gatehouse::upstreams {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Peers of the upstream "hung" take their whole timeout, others answer.
class Peers {
public:
    Result<sidecar::Fetched> answer(const sidecar::FetchRequest& request)
    {
        std::unique_lock lock{mutex_};
        asked_[request.url].push_back(sidecar::read_clocks().steady_ms);
        if (request.fields.at(0).second != "hung") {
            sidecar::Fetched fetched;
            fetched.status = 200;
            return fetched;
        }
        most_ = std::max(most_, ++hanging_);
        changed_.wait_for(lock, request.timeout, [this] { return over_; });
        --hanging_;
        return Error{"timed out"};
    }

    void end()
    {
        const std::lock_guard lock{mutex_};
        over_ = true;
        changed_.notify_all();
    }

    int asked(const std::string& peer)
    {
        const std::lock_guard lock{mutex_};
        return static_cast<int>(asked_["http://" + peer + "/"].size());
    }

    /// From each time that it was asked to the next.
    std::vector<std::int64_t> gaps_ms(const std::string& peer)
    {
        const std::lock_guard lock{mutex_};
        auto gaps = asked_["http://" + peer + "/"];
        std::adjacent_difference(gaps.begin(), gaps.end(), gaps.begin());
        gaps.erase(gaps.begin(), gaps.begin() + std::min<std::ptrdiff_t>(std::ssize(gaps), 1));
        return gaps;
    }

    /// That hung at once since it was called last.
    int most()
    {
        const std::lock_guard lock{mutex_};
        return std::exchange(most_, hanging_);
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::vector<std::int64_t>> asked_;  ///< steady
    int hanging_ = 0, most_ = 0;
    bool over_ = false;
};

Region region_of(const std::vector<upstream::CheckedUpstream>& upstreams)
{
    const auto text = upstream::config_text(upstreams);
    auto memory = SharedMemory::create("upstreams", text.size());
    std::memcpy(memory->writable().data(), text.data(), text.size());
    return std::make_shared<const SharedMemory>(std::move(*memory));
}

upstream::Check every_moment(milliseconds timeout)
{
    upstream::Check check;
    check.uri = "/";
    check.interval_ms = 10;
    check.timeout_ms = timeout.count();
    check.statuses = *upstream::Statuses::parse("200");
    return check;
}

void run_until(sidecar::Loop& loop, const std::function<bool()>& holds)
{
    EXPECT_TRUE(sidecar::run_until(loop, holds, seconds{20}, milliseconds{5}));
}

TEST(UpstreamsAgent, PeersThatHangLeavePlacesToOthers)
{
    Peers peers;
    sidecar::Loop loop;
    upstream::CheckedUpstream hung{"hung", every_moment(milliseconds{100}), {}};
    for (int i = 1; i <= 8; ++i) {
        hung.peers.push_back("127.0.0." + std::to_string(i) + ":1");
    }
    const std::string well = "127.0.1.1:1";
    const auto region = region_of({hung, {"well", every_moment(seconds{10}), {well}}});
    Agent agent{{loop, [&] { return std::vector<Region>{region}; }, [](SealedMemory) {}, [] {},
                 [&](const auto& request) { return peers.answer(request); }}};
    agent.start();
    const auto all_asked = [&](int times) {
        return std::all_of(hung.peers.begin(), hung.peers.end(),
                           [&](const auto& peer) { return peers.asked(peer) >= times; });
    };
    run_until(loop, [&] { return all_asked(2); });
    EXPECT_LE(peers.most(), 3) << "one place is not theirs";
    EXPECT_GT(peers.asked(well), 10) << "which is used";
    (void)peers.most();
    run_until(loop, [&] { return all_asked(4); });
    EXPECT_LE(peers.most(), 2) << "those that are known to hang have half";
    peers.end();
    EXPECT_TRUE(agent.finish(seconds{10}));
}

TEST(UpstreamsAgent, IsPendingUntilThereIsAnAnswer)
{
    Peers peers;
    sidecar::Loop loop;
    const auto region = region_of({{"well", every_moment(seconds{10}), {"127.0.1.1:1"}}});
    Agent agent{{loop, [&] { return std::vector<Region>{region}; }, [](SealedMemory) {}, [] {},
                 [&](const auto& request) { return peers.answer(request); }}};
    agent.start();
    EXPECT_TRUE(agent.report().at("well").pending);
    run_until(loop, [&] { return !agent.report().at("well").pending; });
    EXPECT_EQ(agent.report().at("well").peers[0].state, upstream::PeerState::up);
    EXPECT_TRUE(agent.finish(seconds{10}));
}

TEST(UpstreamsAgent, AShorterIntervalCountsFromTheReloadOn)
{
    Peers peers;
    sidecar::Loop loop;
    const std::string peer = "127.0.1.1:1";
    auto check = every_moment(seconds{10});
    check.interval_ms = 3'600'000;
    auto region = region_of({{"well", check, {peer}}});
    Agent agent{{loop, [&] { return std::vector<Region>{region}; }, [](SealedMemory) {}, [] {},
                 [&](const auto& request) { return peers.answer(request); }}};
    agent.start();
    run_until(loop, [&] { return !agent.report().at("well").pending; });
    EXPECT_EQ(peers.asked(peer), 1);
    region = region_of({{"well", every_moment(seconds{10}), {peer}}});
    run_until(loop, [&] { return peers.asked(peer) > 3; });
    EXPECT_TRUE(agent.finish(seconds{10}));
}

/// A timer may be late and is never early: what comes early was meant to.
TEST(UpstreamsAgent, IntervalsVaryByATenth)
{
    Peers peers;
    sidecar::Loop loop;
    const std::string peer = "127.0.1.1:1";
    auto check = every_moment(seconds{10});
    check.interval_ms = 200;
    const auto region = region_of({{"well", check, {peer}}});
    Agent agent{{loop, [&] { return std::vector<Region>{region}; }, [](SealedMemory) {}, [] {},
                 [&](const auto& request) { return peers.answer(request); }}};
    agent.start();
    run_until(loop, [&] {
        const auto gaps = peers.gaps_ms(peer);
        return gaps.size() >= 10 &&
               std::any_of(gaps.begin(), gaps.end(), [](auto gap) { return gap < 195; });
    });
    EXPECT_THAT(peers.gaps_ms(peer), testing::Each(testing::Ge(179))) << "by no more than a tenth";
    EXPECT_TRUE(agent.finish(seconds{10}));
}

}  // namespace
}  // namespace gatehouse::upstreams
