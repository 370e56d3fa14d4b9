#include "sidecar/upstreams/peer.h"

#include <gtest/gtest.h>

namespace gatehouse::upstreams {
namespace {

using upstream::PeerState;
using namespace std::chrono_literals;

upstream::Check check()
{
    upstream::Check check;
    check.uri = "/health?deep=1";
    check.fails = 3;
    check.passes = 2;
    check.statuses = *upstream::Statuses::parse("200-399");
    return check;
}

/// The state after each of these outcomes: '+' passed, '-' failed.
std::string states_after(const std::string& outcomes)
{
    Peer peer{"app", "127.0.0.1:1"};
    std::string states;
    for (const char outcome : outcomes) {
        peer.take(outcome == '+' ? "" : "no answer", 1ms, check(), 1000);
        states += upstream::state_names[static_cast<std::size_t>(peer.row().state)].front();
    }
    return states;
}

TEST(UpstreamPeer, TurnsOverByFailsAndPassesInARow)
{
    EXPECT_EQ(states_after("+--+---"), "uuuuuud");
    EXPECT_EQ(states_after("-+-++"), "ddddu");
    EXPECT_EQ(states_after("+---+-++--"), "uuudddduuu");
}

TEST(UpstreamPeer, TellsSinceWhenAndWhy)
{
    Peer peer{"app", "127.0.0.1:1"};
    EXPECT_TRUE(peer.take("the answer has the status 500", 2ms, check(), 1000));
    EXPECT_EQ(peer.row().state, PeerState::down);
    EXPECT_EQ(peer.row().since_ms, 1000);
    EXPECT_EQ(peer.row().duration_us, 2000u);
    EXPECT_EQ(peer.row().reason, "the answer has the status 500");
    EXPECT_FALSE(peer.row().recovered);
    EXPECT_FALSE(peer.take("", 1ms, check(), 2000));
    EXPECT_EQ(peer.row().checked_at_ms, 2000);
    EXPECT_EQ(peer.row().since_ms, 1000);
    EXPECT_TRUE(peer.take("", 1ms, check(), 3000));
    EXPECT_EQ(peer.row().state, PeerState::up);
    EXPECT_EQ(peer.row().since_ms, 3000);
    EXPECT_EQ(peer.row().reason, "");
    EXPECT_TRUE(peer.row().recovered);
}

TEST(UpstreamPeer, IsAskedAsNginxWouldAskIt)
{
    const auto request = request_to("app", "[::1]:8001", check());
    EXPECT_EQ(request.url, "http://[::1]:8001/health?deep=1");
    ASSERT_EQ(request.fields.size(), 1u);
    EXPECT_EQ(request.fields[0].first + ": " + request.fields[0].second, "Host: app");
    EXPECT_EQ(request.unix_socket, "");
    EXPECT_EQ(request.redirects, 0u);
    EXPECT_EQ(request.timeout, 3000ms);
    EXPECT_EQ(request_to("app", "unix:/run/app.sock", check()).unix_socket, "/run/app.sock");
}

TEST(UpstreamPeer, IsJudgedByTheStatus)
{
    sidecar::Fetched fetched;
    fetched.status = 302;
    EXPECT_EQ(flaw_of(fetched, check()), "");
    fetched.status = 404;
    EXPECT_EQ(flaw_of(fetched, check()), "the answer has the status 404");
    EXPECT_EQ(flaw_of(Error{"connection refused"}, check()), "connection refused");
}

}  // namespace
}  // namespace gatehouse::upstreams
