#include "sidecar/sentry/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "sidecar/sentry/nginx_log.h"

namespace gatehouse::sentry {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
namespace fs = std::filesystem;

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

/// A log in a directory of its own.
class FollowedLog : public testing::Test {
protected:
    void SetUp() override
    {
        char name[] = "/tmp/gth-nginx-log-XXXXXX";
        directory_ = ::mkdtemp(name);
    }
    void TearDown() override { fs::remove_all(directory_); }

    std::string path() const { return directory_ + "/error.log"; }

    void write(const std::string& message, std::ios::openmode how = std::ios::app) const
    {
        std::ofstream{path(), how} << "2026/01/02 10:31:07 [error] 1#1: " << message << '\n';
    }

    std::vector<std::string> read()
    {
        std::vector<std::string> messages;
        const auto news = log_.read(0);
        for (const auto& event : news.events) {
            messages.push_back(event.message);
        }
        error_ = news.error;
        return messages;
    }

    std::string directory_;
    NginxLog log_{""};
    std::string error_;
};

TEST_F(FollowedLog, TellsWhatComes)
{
    write("long ago");
    log_ = NginxLog{path()};
    EXPECT_THAT(read(), ElementsAre());
    write("one");
    write("two");
    EXPECT_THAT(read(), ElementsAre("one", "two"));
    EXPECT_THAT(read(), ElementsAre());
    EXPECT_EQ(error_, "");
}

TEST_F(FollowedLog, IsReadToItsEndWhenItIsRotated)
{
    write("long ago");
    log_ = NginxLog{path()};
    EXPECT_THAT(read(), ElementsAre());
    fs::rename(path(), path() + ".1");
    std::ofstream{path() + ".1", std::ios::app} << "2026/01/02 10:31:07 [error] 1#1: last\n";
    EXPECT_THAT(read(), ElementsAre("last")) << "nginx writes to it until it is told";
    EXPECT_EQ(error_, "No such file or directory");
    write("first");
    EXPECT_THAT(read(), ElementsAre("first"));
    EXPECT_EQ(error_, "");
}

TEST_F(FollowedLog, MayBeCutShort)
{
    write("some words, and so many that what comes is shorter");
    log_ = NginxLog{path()};
    EXPECT_THAT(read(), ElementsAre());
    write("anew", std::ios::trunc);
    EXPECT_THAT(read(), ElementsAre("anew"));
}

TEST_F(FollowedLog, SaysWhyItCannotBeRead)
{
    log_ = NginxLog{path()};
    EXPECT_THAT(read(), ElementsAre());
    EXPECT_EQ(error_, "No such file or directory");
    write("first");
    EXPECT_THAT(read(), ElementsAre("first")) << "of a file that was not there all is new";
    fs::remove(path());
    fs::create_directory(path());
    EXPECT_THAT(read(), ElementsAre());
    EXPECT_EQ(error_, "not a regular file");
}

/// Its old lines may be of last week.
TEST_F(FollowedLog, ThatCouldNotBeReadIsReadFromNowOn)
{
    fs::create_symlink(path(), path());
    log_ = NginxLog{path()};
    EXPECT_THAT(read(), ElementsAre());
    EXPECT_EQ(error_, "Too many levels of symbolic links");
    fs::remove(path());
    write("long ago");
    EXPECT_THAT(read(), ElementsAre());
    write("one");
    EXPECT_THAT(read(), ElementsAre("one"));
}

}  // namespace
}  // namespace gatehouse::sentry
