#include "sidecar/sentry/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sidecar/sentry/nginx_log.h"

namespace gatehouse::sentry {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr std::int64_t new_year_2026 = 1'767'225'600'000;

TEST(Event, IsAnEnvelope)
{
    Event event;
    event.at_ms = new_year_2026;
    event.logger = "gatehouse.cards";
    event.kind = "card failed";
    event.message = "card failed: no such file";
    event.extra = {{"card", "a"}, {"failures", "3"}};
    const std::string id = "9ec79c33ec9942ab8353589fcb2e04dc";
    const auto text = envelope(event, {"test", "app@1", "edge"}, id, new_year_2026 + 5);
    const auto first = text.find('\n');
    const auto second = text.find('\n', first + 1);
    EXPECT_EQ(
        text.substr(0, first),
        R"({"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","sent_at":"2026-01-01T00:00:00.005Z"})");
    const auto body = text.substr(second + 1, text.size() - second - 2);
    EXPECT_EQ(text.substr(first + 1, second - first - 1),
              R"({"type":"event","content_type":"application/json","length":)" +
                  std::to_string(body.size()) + '}');
    EXPECT_EQ(
        body,
        R"({"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","timestamp":"2026-01-01T00:00:00.000Z",)"
        R"("platform":"other","level":"error","logger":"gatehouse.cards",)"
        R"("message":"card failed: no such file","release":"app@1","environment":"test",)"
        R"("server_name":"edge","fingerprint":["gatehouse.cards","card failed","card=a"],)"
        R"("tags":{"card":"a"},"extra":{"card":"a","failures":"3"},)"
        R"("sdk":{"name":"gatehouse","version":")" GATEHOUSE_VERSION R"("}})");
}

TEST(Event, HasNoSecret)
{
    Event event;
    event.message = "password=hunter2";
    event.extra = {{"api_token", "abc"}, {"url", "https://a:b@c/"}};
    const auto clean = without_secrets(event);
    EXPECT_EQ(clean.message, "password=[Filtered]");
    EXPECT_THAT(clean.extra,
                ElementsAre(Pair("api_token", "[Filtered]"), Pair("url", "https://[Filtered]@c/")));
}

TEST(Event, IdsAreRandomUuids)
{
    const auto id = new_event_id();
    EXPECT_EQ(id.size(), 32u);
    EXPECT_EQ(id[12], '4');
    EXPECT_NE(std::string{"89ab"}.find(id[16]), std::string::npos);
    EXPECT_NE(id, new_event_id());
}

TEST(NginxLog, ALineIsAnEvent)
{
    const auto event = event_of_line(
        "2026/01/02 10:31:07 [error] 123#124: *57 upstream timed out (110: Connection timed out) "
        "while reading, client: 192.0.2.1, server: a.example, request: \"GET /x?token=abc "
        "HTTP/1.1\", "
        "upstream: \"http://127.0.0.1:8000/x?token=abc\", host: \"a.example\", referrer: "
        "\"http://r/\"",
        7);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->at_ms, 7);
    EXPECT_EQ(event->logger, "nginx");
    EXPECT_EQ(event->level, "error");
    EXPECT_EQ(event->message, "upstream timed out (110: Connection timed out) while reading");
    EXPECT_EQ(event->kind, "upstream timed out (#: Connection timed out) while reading");
    EXPECT_THAT(event->extra, ElementsAre(Pair("nginx_level", "error"), Pair("server", "a.example"),
                                          Pair("request", "GET /x HTTP/1.1"),
                                          Pair("upstream", "http://127.0.0.1:8000/x"),
                                          Pair("host", "a.example")));
}

TEST(NginxLog, LevelsAndWhatIsNoLine)
{
    EXPECT_EQ(event_of_line("2026/01/02 10:31:07 [alert] 1#1: worker died", 0)->level, "fatal");
    EXPECT_EQ(event_of_line("2026/01/02 10:31:07 [crit] 1#1: open() \"/a\" failed", 0)->kind,
              "open() \"\" failed");
    for (const char* line : {"", "[error]", "2026/01/02 10:31:07 [warn] 1#1: x", "some words",
                             "2026/01/02 10:31:07 [error] 1#1: ", "[error] "}) {
        EXPECT_FALSE(event_of_line(line, 0)) << line;
    }
}

}  // namespace
}  // namespace gatehouse::sentry
