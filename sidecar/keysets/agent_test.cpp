// When key sets are fetched, what is handed to workers, and what is not.
#include "sidecar/keysets/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <mutex>

#include "src/auth/fetched_keyset.h"

namespace gatehouse::sidecar {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// RFC 8037, appendix A.2.
const std::string good_set =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

Fetched answer(long status, std::string body, std::string cache_control = "")
{
    Fetched fetched;
    fetched.status = status;
    fetched.body = std::move(body);
    fetched.cache_control = std::move(cache_control);
    return fetched;
}

class Keysets : public testing::Test {
protected:
    /// Runs the loop until a set has had the outcome of a fetch.
    void run_until_settled()
    {
        Timer deadline{loop_};
        deadline.start(10s, [this] { loop_.stop(); });
        ASSERT_TRUE(loop_.run());
    }

    void configure() { agent_.configure({{.name = "main", .url = "https://issuer.example/jwks"}}); }

    Result<Fetched> next(const FetchRequest& request)
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back(request);
        auto result = answers_.empty() ? answer(200, good_set) : answers_.front();
        if (!answers_.empty()) {
            answers_.pop_front();
        }
        return result;
    }

    Loop loop_;
    Pool pool_{"test", 1};
    std::mutex mutex_;
    std::deque<Result<Fetched>> answers_;
    std::vector<FetchRequest> requests_;
    std::vector<std::string> published_;
    std::string held_;
    std::atomic<std::int64_t> now_ms_{1'000'000'000'000};
    KeysetAgent agent_{{loop_, pool_,
                        [this](const std::string& table, const std::string& bytes) {
                            published_.push_back(table + " " + bytes);
                        },
                        [this](const std::string&) { return held_; }, [this] { loop_.stop(); },
                        [this](const FetchRequest& request) { return next(request); },
                        [this] {
                            return Now{now_ms_, now_ms_};
                        }}};
};

TEST_F(Keysets, AreFetchedAtOnceAndHandedOn)
{
    configure();
    EXPECT_FALSE(agent_.has_settled());
    run_until_settled();
    EXPECT_TRUE(agent_.has_settled());
    ASSERT_EQ(published_.size(), 1u);
    EXPECT_EQ(published_[0], "jwks:main 1000000000\n" + good_set);
    const auto report = agent_.report().at(0);
    EXPECT_EQ(report.keys, 1u);
    EXPECT_EQ(report.next_ms, now_ms_ + 3'600'000);
}

TEST_F(Keysets, AreFetchedAgainForAMissingKeyButOnceInHalfAMinute)
{
    configure();
    run_until_settled();
    for (int i = 0; i < 1000; ++i) {
        now_ms_ += 29;
        agent_.wanted("jwks:main");
    }
    EXPECT_EQ(agent_.report().at(0).fetches, 1u);
    now_ms_ += 1000;
    for (int i = 0; i < 1000; ++i) {
        agent_.wanted("jwks:main");
        agent_.wanted("jwks:other");
        agent_.wanted("tokens");
    }
    run_until_settled();
    EXPECT_EQ(agent_.report().at(0).fetches, 2u);
    EXPECT_EQ(published_.size(), 2u);
}

TEST_F(Keysets, ThatCannotBeFetchedAreAskedForNoMoreOftenThanThat)
{
    answers_ = {Error{"connection refused"}, Error{"connection refused"}};
    configure();
    run_until_settled();
    now_ms_ += 29'999;
    agent_.wanted("jwks:main");
    EXPECT_EQ(agent_.report().at(0).fetches, 1u);
    EXPECT_EQ(agent_.report().at(0).error, "connection refused");
    EXPECT_TRUE(published_.empty());
}

TEST_F(Keysets, ThatAreNoneReplaceNone)
{
    held_ = auth::fetched_keyset_bytes(999'999'000, good_set);
    const std::string secret = R"({"keys":[{"kty":"oct","k":"AAAA","kid":"s"}]})";
    const std::string twice = R"({"keys":[)" + good_set.substr(9, good_set.size() - 11) + "," +
                              good_set.substr(9, good_set.size() - 11) + "]}";
    for (const auto& [status, body] : std::vector<std::pair<long, std::string>>{{200, "{}"},
                                                                                {200, "<html>"},
                                                                                {200, secret},
                                                                                {200, twice},
                                                                                {302, good_set},
                                                                                {500, good_set},
                                                                                {200, ""},
                                                                                {304, ""}}) {
        published_.clear();
        answers_ = {answer(status, body)};
        agent_.configure({});
        configure();
        EXPECT_TRUE(agent_.has_settled()) << "by the last good one";
        run_until_settled();
        if (status == 304) {
            EXPECT_EQ(published_.size(), 2u) << "it is known to be current now";
            continue;
        }
        EXPECT_EQ(published_.size(), 1u) << body;
        EXPECT_EQ(agent_.report().at(0).failures, 1u) << body;
        EXPECT_EQ(agent_.report().at(0).keys, 1u);
    }
}

TEST_F(Keysets, SayWhatTheyHoldWhenTheyAskAgain)
{
    auto first = answer(200, good_set, "max-age=600");
    first.etag = "\"v1\"";
    answers_ = {first, answer(304, "")};
    configure();
    run_until_settled();
    EXPECT_EQ(agent_.report().at(0).next_ms, now_ms_ + 600'000);
    now_ms_ += 600'000;
    agent_.wanted("jwks:main");
    run_until_settled();
    EXPECT_EQ(requests_.at(0).etag, "");
    EXPECT_EQ(requests_.at(1).etag, "\"v1\"");
    EXPECT_THAT(published_.at(1), HasSubstr("jwks:main 1000000600\n"));
}

}  // namespace
}  // namespace gatehouse::sidecar
