#include "sidecar/alerts/delivery.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace gatehouse::alerts {
namespace {

using Outcome = Attempt::Outcome;
using sidecar::Fetched;
using sidecar::FetchRequest;

constexpr std::int64_t at_ms = 1'767'323'045'678;

config::AlertReceiver webhook()
{
    config::AlertReceiver receiver;
    receiver.name = "ops";
    receiver.kind = "webhook";
    receiver.url = "https://hooks.example.com/";
    return receiver;
}

Attempt answered(long status, const std::string& retry_after = {})
{
    return deliver(
        webhook(), test_message("ops", at_ms),
        [&](const FetchRequest&) {
            Fetched fetched;
            fetched.status = status;
            fetched.retry_after = retry_after;
            return fetched;
        },
        at_ms);
}

TEST(AlertDelivery, IsTriedAgainWhereThatMayHelp)
{
    for (const long good : {200L, 201L, 202L, 204L}) {
        EXPECT_EQ(answered(good).outcome, Outcome::delivered) << good;
    }
    for (const long again : {408L, 429L, 500L, 502L, 503L, 504L}) {
        EXPECT_EQ(answered(again).outcome, Outcome::again) << again;
    }
    for (const long failed : {301L, 302L, 307L, 400L, 401L, 403L, 404L, 410L, 413L, 422L}) {
        EXPECT_EQ(answered(failed).outcome, Outcome::failed) << failed;
    }
    EXPECT_EQ(answered(302).error, "it redirects (302), and redirects are not followed");
    EXPECT_EQ(answered(500).error, "it answered 500");
    const auto lost = deliver(
        webhook(), test_message("ops", at_ms),
        [](const FetchRequest&) { return Result<Fetched>{Error{"no answer"}}; }, at_ms);
    EXPECT_EQ(lost.outcome, Outcome::again);
    EXPECT_EQ(lost.error, "no answer");
}

TEST(AlertDelivery, HearsForHowLongToWait)
{
    EXPECT_EQ(answered(503, "7").asked_wait_ms, 7000);
    EXPECT_EQ(answered(503, "soon").asked_wait_ms, std::nullopt);
    EXPECT_EQ(answered(503).asked_wait_ms, std::nullopt);
}

TEST(AlertDelivery, WaitsLongerEachTime)
{
    EXPECT_EQ(wait_before_retry_ms(1, {}, 0), 500);
    EXPECT_EQ(wait_before_retry_ms(1, {}, 1), 1000);
    EXPECT_EQ(wait_before_retry_ms(2, {}, 1), 2000);
    EXPECT_EQ(wait_before_retry_ms(3, {}, 0.5), 3000);
    EXPECT_EQ(wait_before_retry_ms(100, {}, 1), 300'000);
    EXPECT_EQ(wait_before_retry_ms(1, 5000, 1), 5000);
    EXPECT_EQ(wait_before_retry_ms(100, 5000, 1), 300'000);
    EXPECT_EQ(wait_before_retry_ms(1, 86'400'000, 1), 600'000);
}

TEST(AlertDelivery, PostsWhatAReceiverNeeds)
{
    FetchRequest asked;
    auto receiver = webhook();
    receiver.secret = "secret";
    receiver.headers = {{"Authorization", "Bearer x"}};
    receiver.allow_private = true;
    const auto message = test_message("ops", at_ms);
    const auto fetch = [&](const FetchRequest& request) {
        asked = request;
        Fetched fetched;
        fetched.status = 200;
        return fetched;
    };
    (void)deliver(receiver, message, fetch, at_ms);
    EXPECT_EQ(asked.body, json_of(message));
    EXPECT_EQ(asked.content_type, "application/json");
    EXPECT_EQ(asked.redirects, 0u);
    EXPECT_EQ(asked.reach, sidecar::Reach::anywhere);
    const std::vector<std::pair<std::string, std::string>> fields{
        {"Authorization", "Bearer x"},
        {"Idempotency-Key", message.key()},
        {"X-Gatehouse-Signature", signature("secret", at_ms / 1000, asked.body)}};
    EXPECT_EQ(asked.fields, fields);

    receiver.kind = "slack";
    receiver.secret.clear();
    receiver.headers.clear();
    receiver.allow_private = false;
    (void)deliver(receiver, message, fetch, at_ms);
    EXPECT_EQ(asked.body, slack_json_of(message));
    EXPECT_TRUE(asked.fields.empty());
    EXPECT_EQ(asked.reach, sidecar::Reach::internet);
}

TEST(AlertDelivery, RunsAProgram)
{
    const auto before = ::signal(SIGPIPE, SIG_IGN);  // run_program asks for it
    config::AlertReceiver receiver;
    receiver.name = "pager";
    receiver.kind = "exec";
    const auto ran = [&](const std::string& script) {
        receiver.command = {"/bin/sh", "-c", script};
        return deliver(receiver, test_message("pager", at_ms), {}, at_ms);
    };
    EXPECT_EQ(ran("grep -q '\"receiver\":\"pager\"'").outcome, Outcome::delivered);
    EXPECT_EQ(ran("exit 75").outcome, Outcome::again);
    const auto failed = ran("echo no pager; exit 1");
    EXPECT_EQ(failed.outcome, Outcome::failed);
    EXPECT_EQ(failed.error, "no pager");
    ::signal(SIGPIPE, before);
}

TEST(AlertDelivery, BeatsAreGets)
{
    FetchRequest asked;
    long status = 200;
    const auto fetch = [&](const FetchRequest& request) {
        asked = request;
        Fetched fetched;
        fetched.status = status;
        return fetched;
    };
    config::Heartbeat heartbeat;
    heartbeat.url = "https://hc.example.com/x";
    EXPECT_EQ(beat(heartbeat, fetch), "");
    EXPECT_TRUE(asked.body.empty());
    EXPECT_EQ(asked.reach, sidecar::Reach::internet);
    status = 404;
    EXPECT_EQ(beat(heartbeat, fetch), "it answered 404");
}

}  // namespace
}  // namespace gatehouse::alerts
