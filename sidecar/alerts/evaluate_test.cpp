#include "sidecar/alerts/evaluate.h"

#include <gtest/gtest.h>

#include "sidecar/alerts/region_series.h"

namespace gatehouse::alerts {
namespace {

using health::State;
using std::chrono::minutes;
using std::chrono::seconds;

const Windows no_windows;

config::AlertRule on(const std::string& what)
{
    config::AlertRule rule;
    rule.name = "rule";
    rule.on = what;
    rule.route = "";
    rule.window = seconds{10};
    return rule;
}

/// `target:yes` for each.
std::string text_of(const Evaluation& evaluation)
{
    std::string text;
    for (const auto& one : evaluation.found) {
        text += (text.empty() ? "" : " ") + one.target + ':' +
                (one.holds == Holds::yes  ? "yes"
                 : one.holds == Holds::no ? "no"
                                          : "unknown");
    }
    return text;
}

TEST(Evaluate, Checks)
{
    World world;
    world.checks = {{"down", "tcp", State::down, "it hung up", {}},
                    {"poor", "disk", State::degraded, "85 %", 85},
                    {"good", "tcp", State::up, "", {}},
                    {"new", "tcp", State::unknown, "not run yet", {}}};
    auto rule = on("check");
    EXPECT_EQ(text_of(evaluate(rule, world, no_windows)), "down:yes poor:no good:no new:unknown");
    rule.state = "degraded";
    const auto found = evaluate(rule, world, no_windows);
    EXPECT_EQ(text_of(found), "down:yes poor:yes good:no new:unknown");
    EXPECT_EQ(found.found[0].detail, "check \"down\" is down: it hung up");
    EXPECT_EQ(found.found[1].detail, "check \"poor\" is degraded: 85 %");
    EXPECT_EQ(found.found[1].value, 85);
    rule.check = "good";
    EXPECT_EQ(text_of(evaluate(rule, world, no_windows)), "good:no");
}

TEST(Evaluate, MakesTextsThatEveryDatabaseTakes)
{
    World world;
    world.cards = {{"sales", 60'000, std::nullopt, std::string{"H\xFClle\0", 6}}};
    EXPECT_EQ(evaluate(on("card"), world, no_windows).found.front().detail,
              "card \"sales\" has no data: H\xEF\xBF\xBDlle\xEF\xBF\xBD");
    world.own_labels = {{"own", {"town"}}};
    world.now["own"][{"Z\xFCrich"}] = 3;
    auto rule = on("metric");
    rule.metric = "own";
    rule.above = 2;
    EXPECT_EQ(text_of(evaluate(rule, world, no_windows)), "town=Z\xEF\xBF\xBDrich:yes");
}

TEST(Evaluate, ChecksOfUpstreamsAreOutOfSightWithoutNginx)
{
    World world;
    EXPECT_FALSE(evaluate(on("check"), world, no_windows).gone("upstream:app"));
    EXPECT_TRUE(evaluate(on("check"), world, no_windows).gone("db"));
    world.has_nginx = true;
    EXPECT_TRUE(evaluate(on("check"), world, no_windows).gone("upstream:app"));
}

TEST(Evaluate, Cards)
{
    World world;
    world.cards = {{"fresh", 60'000, 59'000, ""},
                   {"late", 60'000, 61'500, "no such file"},
                   {"none", 60'000, {}, "no such file"},
                   {"coming", 60'000, {}, ""}};
    auto rule = on("card");
    const auto found = evaluate(rule, world, no_windows);
    EXPECT_EQ(text_of(found), "fresh:no late:yes none:yes coming:unknown");
    EXPECT_EQ(found.found[1].detail,
              "card \"late\" was current 1m1s ago, more than 1m: no such file");
    EXPECT_EQ(found.found[1].value, 61.5);
    EXPECT_EQ(found.found[2].detail, "card \"none\" has no data: no such file");
    rule.card = "late";
    rule.max_age = minutes{2};
    EXPECT_EQ(text_of(evaluate(rule, world, no_windows)), "late:no");
}

TEST(Evaluate, Certificates)
{
    World world;
    world.checks = {{"soon", "tls", State::degraded, "", 3.9},
                    {"later", "tls", State::up, "", 14.0},
                    {"over", "tls", State::down, "it has expired", -1.5},
                    {"away", "tls", State::down, "no answer", {}},
                    {"disk", "disk", State::up, "", 1.0}};
    const auto found = evaluate(on("certificate"), world, no_windows);
    EXPECT_EQ(text_of(found), "soon:yes later:no over:yes away:unknown");
    EXPECT_EQ(found.found[0].detail, "the certificate of \"soon\" ends in 3 days");
    EXPECT_EQ(found.found[2].detail, "the certificate of \"over\" ended 1 days ago");
}

TEST(Evaluate, Metrics)
{
    World world;
    world.has_nginx = true;
    world.now = {{"gatehouse_card_served_total", {{{"a", "hit"}, 5}, {{"a", "miss"}, 50}}},
                 {"websocket_connections_active", {{{}, 3}}}};
    auto rule = on("metric");
    rule.metric = "gatehouse_card_served_total";
    rule.above = 10;
    const auto found = evaluate(rule, world, no_windows);
    EXPECT_EQ(text_of(found), "card=a,result=hit:no card=a,result=miss:yes");
    EXPECT_EQ(found.found[1].detail,
              "gatehouse_card_served_total{card=a,result=miss} is 50, above 10");
    rule.labels = {{"result", "hit"}};
    EXPECT_EQ(text_of(evaluate(rule, world, no_windows)), "card=a,result=hit:no");
    rule = on("metric");
    rule.metric = "websocket_connections_active";
    rule.below = 3.5;
    EXPECT_EQ(text_of(evaluate(rule, world, no_windows)), "websocket_connections_active:yes");
    EXPECT_TRUE(evaluate(rule, world, no_windows).gone("x"));
    world.is_settled = false;
    EXPECT_FALSE(evaluate(rule, world, no_windows).gone("x"));
}

TEST(Evaluate, MetricsOfOnesOwn)
{
    World world;
    world.now = {{"projects_total", {{{"x"}, 12}, {{"y"}, 2}}}};
    world.own_labels = {{"projects_total", {"team"}}};
    auto rule = on("metric");
    rule.metric = "projects_total";
    rule.above = 10;
    EXPECT_EQ(text_of(evaluate(rule, world, no_windows)), "team=x:yes team=y:no");
}

/// Windows of ten seconds that have seen this growth, in so many seconds.
Windows windows_of(const Series& grown, int seconds_seen)
{
    Windows windows;
    windows.configure({seconds{10}});
    windows.push({}, 0);
    for (int second = 1; second < seconds_seen; ++second) {
        windows.push({}, second * 1000);
    }
    windows.push(grown, seconds_seen * 1000);
    return windows;
}

TEST(Evaluate, RatesAreOverTheWholeWindow)
{
    auto rule = on("metric");
    rule.metric = "gatehouse_telemetry_dropped_total";
    rule.rate = true;
    rule.above = 1;
    World world;
    const auto grown = [](double by) {
        return Series{{"gatehouse_telemetry_dropped_total", {{{}, by}}}};
    };
    const auto verdict = [&](double by, int seen) {
        const auto found = evaluate(rule, world, windows_of(grown(by), seen)).found;
        return found.empty() ? Holds::unknown : found.front().holds;
    };
    EXPECT_EQ(verdict(11, 10), Holds::yes);
    EXPECT_EQ(verdict(10, 10), Holds::no);
    EXPECT_EQ(verdict(11, 2), Holds::yes);
    EXPECT_EQ(verdict(10, 2), Holds::unknown);
    rule.above.reset();
    rule.below = 1;
    EXPECT_EQ(verdict(9, 10), Holds::yes);
    EXPECT_EQ(verdict(9, 2), Holds::unknown);
}

Series requests(double api, double api_errors, double web = 0, double web_errors = 0)
{
    return {{std::string{route_requests}, {{{"api"}, api}, {{"web"}, web}}},
            {std::string{route_errors}, {{{"api"}, api_errors}, {{"web"}, web_errors}}}};
}

TEST(Evaluate, Errors)
{
    auto rule = on("errors");
    rule.above = 0.05;
    rule.min_requests = 20;
    const auto verdict = [&](const Series& grown, int seen = 10) {
        return text_of(evaluate(rule, {}, windows_of(grown, seen)));
    };
    EXPECT_EQ(verdict(requests(100, 6)), "*:yes");
    EXPECT_EQ(verdict(requests(100, 5)), "*:no");
    EXPECT_EQ(verdict(requests(100, 6, 100, 0)), "*:no");
    EXPECT_EQ(verdict(requests(19, 19)), "*:no");
    EXPECT_EQ(verdict(requests(19, 19), 3), "*:unknown");
    EXPECT_EQ(verdict(requests(20, 2), 3), "*:yes");
    rule.route = "*";
    EXPECT_EQ(verdict(requests(100, 6, 100, 0)), "api:yes web:no");
    rule.route = "web";
    EXPECT_EQ(verdict(requests(100, 6, 100, 50)), "web:yes");
    const auto found = evaluate(rule, {}, windows_of(requests(0, 0, 340, 17), 10));
    EXPECT_EQ(found.found[0].detail, "route \"web\": 5 % of 340 requests within 10s failed");
    EXPECT_EQ(found.found[0].value, 0.05);
}

TEST(Evaluate, Refusals)
{
    auto rule = on("refusals");
    rule.above = 2;
    const Series grown{{"gatehouse_refused_total", {{{"api"}, 25}, {{"web"}, 5}}}};
    const auto found = evaluate(rule, {}, windows_of(grown, 10));
    EXPECT_EQ(text_of(found), "*:yes");
    EXPECT_EQ(found.found[0].value, 3);
    EXPECT_EQ(found.found[0].detail, "all routes: 3 requests a second refused, within 10s");
    rule.route = "*";
    EXPECT_EQ(text_of(evaluate(rule, {}, windows_of(grown, 10))), "api:yes web:no");
}

}  // namespace
}  // namespace gatehouse::alerts
