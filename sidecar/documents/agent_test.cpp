// When documents are fetched, what is kept of the answers, and when cards are told.
#include "sidecar/documents/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <mutex>

#include "sidecar/base/pool.h"

namespace gatehouse::documents {
namespace {

using namespace std::chrono_literals;
using sidecar::Fetched;
using sidecar::FetchRequest;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

Fetched answer(long status, std::string body, std::string cache_control = "")
{
    Fetched fetched;
    fetched.status = status;
    fetched.body = std::move(body);
    fetched.cache_control = std::move(cache_control);
    return fetched;
}

class Documents : public testing::Test {
protected:
    Documents()
    {
        auto& source = sources_["app"];
        source.name = "app";
        source.kind = "http";
        source.http.url = "http://app.example/";
        source.http.every = 10s;
        source.http.max_interval = 100s;
        EXPECT_TRUE(attach_documents(sources_, {}));
    }

    Report report() { return agent_.report().at(0); }
    std::int64_t wait_ms() { return report().next_ms - now_ms_; }
    sidecar::Document& document() { return *sources_.at("app").document; }

    Result<Fetched> next(const FetchRequest& request)
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back(request);
        auto result = answers_.empty() ? answer(200, "[]") : answers_.front();
        if (!answers_.empty()) {
            answers_.pop_front();
        }
        return result;
    }

    sidecar::Loop loop_;
    sidecar::Pool pool_{"test", 1};
    std::mutex mutex_;
    std::deque<Result<Fetched>> answers_;
    std::vector<FetchRequest> requests_;
    int changed_ = 0;
    int settled_ = 0;
    std::map<std::string, config::Source> sources_;
    std::atomic<std::int64_t> now_ms_{1'000'000'000'000};
    Agent agent_{{loop_, [this](const std::string&, auto task) { pool_.submit(std::move(task)); },
                  [this](const std::string&) { ++changed_; },
                  [this](const std::string&) {
                      ++settled_;
                      loop_.stop();
                  },
                  [this](const FetchRequest& request) { return next(request); },
                  [this] {
                      return sidecar::Now{now_ms_, now_ms_};
                  }}};

    void first(Result<Fetched> result)
    {
        answers_.push_back(std::move(result));
        agent_.configure(sources_);
        EXPECT_EQ(agent_.on_their_way(), std::set<std::string>{"app"});
        sidecar::Timer deadline{loop_};
        deadline.start(10s, [this] { loop_.stop(); });
        ASSERT_TRUE(loop_.run());
        ASSERT_EQ(settled_, 1);
        EXPECT_TRUE(agent_.on_their_way().empty());
    }
};

TEST_F(Documents, AGoodAnswerIsTheDocument)
{
    EXPECT_FALSE(document().content());
    first(answer(200, R"([{"n":1},{"n":2}])"));
    ASSERT_TRUE(document().content());
    EXPECT_EQ(document().content()->rows, 2u);
    EXPECT_EQ(document().content()->bytes, 16u);
    EXPECT_EQ(changed_, 1);
    EXPECT_TRUE(report().up);
    EXPECT_EQ(report().fetched_at_ms, now_ms_);
    EXPECT_THAT(wait_ms(), AllOf(Ge(9'000), Le(11'000)));  // every, give or take a tenth
}

TEST_F(Documents, MaxAgeIsHeededWithinBounds)
{
    first(answer(200, "[]", "max-age=50"));
    EXPECT_THAT(wait_ms(), AllOf(Ge(45'000), Le(55'000)));
}

TEST_F(Documents, MaxAgeIsHeededUpToTheLongestInterval)
{
    first(answer(200, "[]", "max-age=86400"));
    EXPECT_THAT(wait_ms(), AllOf(Ge(90'000), Le(110'000)));
}

TEST_F(Documents, AnAnswerThatIsNoneBreaksTheSource)
{
    first(answer(200, "<html>"));
    EXPECT_FALSE(report().up);
    EXPECT_THAT(report().last_error, HasSubstr("this is no JSON value"));
    EXPECT_EQ(changed_, 1);
    ASSERT_FALSE(document().content());
    EXPECT_THAT(document().content().error().message, HasSubstr("was not fetched: the answer is"));
}

TEST_F(Documents, RetryAfterIsHeeded)
{
    auto refused = answer(503, "");
    refused.retry_after = "120";
    first(refused);
    EXPECT_EQ(wait_ms(), 120'000);
}

TEST_F(Documents, RetryAfterIsHeededForAnHourAtMost)
{
    auto refused = answer(429, "");
    refused.retry_after = "86400";
    first(refused);
    EXPECT_EQ(wait_ms(), longest_asked_wait_ms);
}

TEST_F(Documents, ASourceThatStaysKeepsItsDocument)
{
    first(answer(200, R"({"n":1})"));
    auto same = sources_;
    for (auto& [name, source] : same) {
        source.document = nullptr;
    }
    ASSERT_TRUE(attach_documents(same, sources_));
    EXPECT_EQ(same.at("app").document, sources_.at("app").document);
    same.at("app").http.rows = "/x";
    same.at("app").document = nullptr;
    ASSERT_TRUE(attach_documents(same, sources_));
    EXPECT_NE(same.at("app").document, sources_.at("app").document);
}

TEST(Requests, SayWhatIsConfigured)
{
    config::HttpOptions http;
    http.url = "https://app.example/";
    http.headers = {{"accept", "application/x"}, {"X-Key", "k"}};
    http.bearer = "t";
    http.max_size = 7;
    const auto request = request_of(http);
    EXPECT_EQ(request.accept, "application/x");
    EXPECT_EQ(request.fields, (std::vector<std::pair<std::string, std::string>>{
                                  {"X-Key", "k"}, {"Authorization", "Bearer t"}}));
    EXPECT_EQ(request.largest_body, 7u);
    EXPECT_EQ(request.redirects, 0u);
    EXPECT_EQ(request.reach, sidecar::Reach::internet);
    http.allow_private = true;
    EXPECT_EQ(request_of(http).reach, sidecar::Reach::anywhere);
}

TEST(DocumentBytes, AreReadAtOnePathWhateverComes)
{
    const auto document = sidecar::Document::create();
    ASSERT_TRUE(document);
    const auto read = [&] {
        FILE* file = std::fopen((*document)->path().c_str(), "r");
        char bytes[64]{};
        const auto size = std::fread(bytes, 1, sizeof bytes, file);
        std::fclose(file);
        return std::string(bytes, size);
    };
    EXPECT_TRUE(*(*document)->put("{\"n\":1}\n", 1));
    EXPECT_EQ(read(), "{\"n\":1}\n");
    EXPECT_TRUE(*(*document)->put("{\"n\":2}\n", 1));
    EXPECT_EQ(read(), "{\"n\":2}\n");
    EXPECT_FALSE(*(*document)->put("{\"n\":2}\n", 1));
    (*document)->fail("gone");
    EXPECT_EQ((*document)->content().error().message, "gone");
    (*document)->confirm();
    EXPECT_EQ((*document)->content()->bytes, 8u);
}

}  // namespace
}  // namespace gatehouse::documents
