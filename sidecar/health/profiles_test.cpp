#include "sidecar/health/profiles.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sidecar/health/answers.h"

namespace gatehouse::checks {
namespace {

using health::Question;

std::string flaw(const std::string& text)
{
    const auto sound = check_profile(text);
    return sound ? "" : sound.error().message;
}

TEST(HealthProfiles, ThoseThatAreBuiltInAreSound)
{
    const auto profiles = make_profiles({});
    for (const char* name :
         {"default", "flask", "dash", "django", "cereon", "visualizer", "health+json"}) {
        EXPECT_TRUE(profiles.contains(name)) << name;
    }
}

TEST(HealthProfiles, MistakesAreNamed)
{
    EXPECT_EQ(flaw(R"({"answers":{}})"), "it has no answer \"status\"");
    EXPECT_EQ(flaw(R"({"answers":{"stauts":{"body":1}}})"), "there is no question \"stauts\"");
    EXPECT_EQ(flaw(R"({"answers":{"status":{}}})"), "answer \"status\" has no \"body\"");
    EXPECT_EQ(flaw(R"({"answers":{"status":{"body":"$x"}}})"),
              "answer \"status\": there is no value \"$x\"");
    EXPECT_EQ(flaw(R"({"answers":{"status":{"body":1,"codes":{"down":99}}}})"),
              "the status for \"down\" is none of 200 to 599");
    EXPECT_EQ(flaw(R"({"answers":{"status":{"body":1,"codes":{"up":204}}}})"),
              "the status for \"up\" is one without a body");
    EXPECT_EQ(flaw(R"({"answers":{"status":{"body":1,"codes":"200"}}})"),
              "\"codes\" is no object such as {\"degraded\": 503}");
    EXPECT_EQ(flaw(R"({"answers":{"status":{"body":1,"code":{}}}})"),
              "there is no member of an answer called \"code\"");
    EXPECT_EQ(flaw(R"({"words":{"upp":"x"},"answers":{"status":{"body":1}}})"),
              "there is no state \"upp\"");
    EXPECT_EQ(flaw(R"({"word":{}})"), "there is no key of that type called \"word\"");
    EXPECT_NE(flaw("[]"), "");
    EXPECT_EQ(flaw("// a comment\n{\"answers\":{\"status\":{\"body\":1}}}"), "");
}

TEST(HealthProfiles, AContentTypeIsOne)
{
    const auto with = [](const std::string& type) {
        return flaw(R"({"answers":{"status":{"body":1}},"content_type":")" + type + "\"}");
    };
    for (const char* good : {"application/json", "text/plain; charset=utf-8",
                             "application/health+json", "text/html;charset=\\\"utf-8\\\""}) {
        EXPECT_EQ(with(good), "") << good;
    }
    for (const char* bad : {"", "json", "/", "a/", "/b", "text/plain\\nX: y", "text/pl\u00e4in",
                            "a b/c", "text/plain; a=\\u007f"}) {
        EXPECT_EQ(with(bad), "its content_type is no media type such as \"application/json\"")
            << bad;
    }
}

/// The answer of a profile, were everything in that state.
health::AnswerSpec told(const std::string& profile, Question question, State state)
{
    Report report;
    report.version = "1.0.0";
    report.state = state;
    report.message = "why";
    const auto spec = answers(report, make_profiles({}), std::chrono::minutes{1});
    const auto found =
        std::find_if(spec.answers.begin(), spec.answers.end(), [&](const auto& answer) {
            return answer.profile == profile && answer.question == question;
        });
    EXPECT_NE(found, spec.answers.end());
    return *found;
}

// What the applications answered that these forms are modelled on; \x01n and \x01x are their
// clocks.

TEST(HealthProfiles, Flask)
{
    const auto up = told("flask", Question::status, State::up);
    EXPECT_EQ(up.body, "{\"status\":\"healthy\",\"timestamp\":\x01n,\"version\":\"1.0.0\"}");
    EXPECT_EQ(up.status, 200);
    const auto warning = told("flask", Question::status, State::degraded);
    EXPECT_EQ(warning.body, R"({"status":"warning","message":"why"})");
    EXPECT_EQ(warning.status, 200);
    EXPECT_EQ(told("flask", Question::status, State::down).status, 500);
}

TEST(HealthProfiles, Cereon)
{
    const auto down = told("cereon", Question::detailed, State::degraded);
    EXPECT_EQ(down.body,
              "{\"detail\":{\"status\":\"degraded\",\"checks\":{},\"timestamp\":\x01x}}");
    EXPECT_EQ(down.status, 503);
    EXPECT_EQ(told("cereon", Question::live, State::down).body,
              "{\"status\":\"healthy\",\"timestamp\":\x01x}");
}

TEST(HealthProfiles, Visualizer)
{
    const auto down = told("visualizer", Question::ready, State::down);
    EXPECT_EQ(down.body, "{\"status\":\"not ready\",\"checks\":{},\"timestamp\":\x01n}");
    EXPECT_EQ(down.status, 503);
    EXPECT_EQ(told("visualizer", Question::ready, State::up).status, 200);
}

TEST(HealthProfiles, Dash)
{
    const auto degraded = told("dash", Question::status, State::degraded);
    EXPECT_EQ(degraded.status, 503);
    EXPECT_EQ(degraded.body,
              "{\"status\":\"degraded\",\"uptime_seconds\":\x01u,\"cache\":{},"
              "\"cache_directory\":null,\"data_available\":null,\"all_caches_warm\":true}");
}

TEST(HealthProfiles, HealthJson)
{
    const auto warn = told("health+json", Question::status, State::degraded);
    EXPECT_EQ(warn.content_type, "application/health+json");
    EXPECT_EQ(warn.body, R"({"status":"warn","version":"1.0.0","output":"why"})");
    EXPECT_EQ(warn.status, 200);
    EXPECT_EQ(told("health+json", Question::ready, State::down).status, 503);
}

/// The details of a check that is down in time, or was not run.
std::string details(const std::string& profile, const std::string& kind, State state)
{
    Report report;
    auto& check = report.checks.emplace_back();
    check.check.name = "one";
    check.check.kind = kind;
    check.state = state;
    check.last.timed_out = state == State::down;
    report.state = State::down;
    for (const auto& answer : answers(report, make_profiles({}), std::chrono::minutes{1}).answers) {
        if (answer.profile == profile && answer.question == Question::detailed) {
            return answer.body;
        }
    }
    return {};
}

TEST(HealthProfiles, HealthJsonHasNoWordsOfItsOwn)
{
    EXPECT_NE(details("health+json", "file", State::unknown).find(R"("status":"warn")"),
              std::string::npos);
    EXPECT_EQ(details("health+json", "file", State::unknown).find("unknown"), std::string::npos);
}

TEST(HealthProfiles, CereonTellsLateOnesApart)
{
    EXPECT_NE(details("cereon", "postgres", State::down).find(R"("one":{"status":"timeout"})"),
              std::string::npos);
    EXPECT_NE(
        details("cereon", "redis", State::down).find(R"("one":{"status":"error","error":""})"),
        std::string::npos);
}

/// The brief answer of a profile, or of this one: a check says what nobody else shall know.
health::AnswerSpec brief_answer(const std::string& profile, State state,
                                const std::map<std::string, std::string>& configured = {})
{
    Report report;
    report.version = "1.0.0";
    auto& ledger = report.checks.emplace_back();
    ledger.check.name = "internal-ledger";
    ledger.check.kind = "cache";
    ledger.check.severity = state == State::down ? "critical" : "degrading";
    ledger.state = state == State::up ? State::up : State::down;
    ledger.checked_at_ms = 1;
    ledger.last.message = "Failed to connect to 10.1.2.3 port 23999";
    ledger.last.value = 23999;
    ledger.last.facts = {{"size_bytes", "23999"}};
    auto& waiting = report.checks.emplace_back();
    waiting.check.name = "cache_directory";
    waiting.check.kind = "directory";
    waiting.check.severity = "info";
    waiting.waits_for = "internal-ledger";
    judge(report);
    EXPECT_EQ(report.state, state);
    for (auto& answer :
         answers(report, make_profiles(configured), std::chrono::minutes{1}).answers) {
        if (answer.profile == profile && answer.question == Question::brief) {
            return answer;
        }
    }
    ADD_FAILURE() << "no brief answer in " << profile;
    return {};
}

TEST(HealthProfiles, BriefAnswersHaveNeitherNamesNorMessages)
{
    for (const auto& [name, profile] : make_profiles({})) {
        for (const auto state : {State::up, State::degraded, State::down}) {
            const auto answer = brief_answer(name, state);
            for (const char* secret : {"ledger", "10.1.2.3", "23999", "connect", "waits"}) {
                EXPECT_EQ(answer.body.find(secret), std::string::npos) << name << answer.body;
            }
            EXPECT_EQ(answer.status, told(name, Question::status, state).status) << name;
        }
    }
}

TEST(HealthProfiles, BriefAnswersKeepTheFormOfStatus)
{
    EXPECT_EQ(brief_answer("default", State::up).body,
              "{\"status\":\"up\",\"message\":null,\"timestamp\":\x01t}");
    EXPECT_EQ(brief_answer("default", State::degraded).body,
              "{\"status\":\"degraded\",\"message\":\"degraded\",\"timestamp\":\x01t}");
    EXPECT_EQ(brief_answer("flask", State::down).body,
              R"({"status":"unhealthy","message":"down"})");
    EXPECT_EQ(brief_answer("health+json", State::down).body,
              R"({"status":"fail","version":"1.0.0","output":"down"})");
    EXPECT_EQ(brief_answer("visualizer", State::down).body,
              "{\"status\":\"unhealthy\",\"timestamp\":\x01n,\"version\":\"1.0.0\"}");
}

TEST(HealthProfiles, BriefAnswersOfOnesOwnTellOfNamedChecksOnlyHowTheyAre)
{
    const std::string mine =
        R"({"answers":{"status":{"body":{"up":"$check.internal-ledger.up",)"
        R"("why":"$check.internal-ledger.message","size":"$kind.cache.fact.size_bytes",)"
        R"("all":{"$checks":"$message"},"nginx":"$nginx"}}}})";
    EXPECT_EQ(brief_answer("mine", State::down, {{"mine", mine}}).body,
              R"({"up":false,"why":null,"size":null,"all":{},"nginx":null})");
}

TEST(HealthProfiles, MetricsLeaveOutWhatIsSetAside)
{
    Report report;
    report.checks.resize(3);
    report.checks[0].check.name = "counts";
    report.checks[1].check.name = "excused";
    report.checks[1].excused = true;
    report.checks[2].check.name = "waits";
    report.checks[2].waits_for = "counts";
    const auto spec = answers(report, {}, std::chrono::minutes{1});
    ASSERT_EQ(spec.checks.size(), 1u);
    EXPECT_EQ(spec.checks[0].name, "counts");
}

TEST(HealthProfiles, LiveIsAlwaysUp)
{
    for (const auto& [name, profile] : make_profiles({})) {
        EXPECT_EQ(told(name, Question::live, State::down).status, 200) << name;
    }
}

TEST(HealthProfiles, WhileAwayEveryQuestionHasTwoAnswers)
{
    const auto spec = answers_while_away({}, make_profiles({}), std::chrono::seconds{90});
    EXPECT_EQ(spec.down_after_ms, 90'000u);
    EXPECT_EQ(spec.answers.size(), 2 * health::question_count * make_profiles({}).size());
}

/// What a profile answers while the sidecar is away that knew these checks to be up.
health::AnswerSpec told_while_away(const std::string& profile, Question question, State state)
{
    Report report;
    report.version = "1.0.0";
    for (const auto& [name, kind] :
         {std::pair{"cache_directory", "directory"}, {"redis", "redis"}, {"sales", "cache"}}) {
        auto& check = report.checks.emplace_back();
        check.check.name = name;
        check.check.kind = kind;
        check.state = State::up;
        check.checked_at_ms = 1;
    }
    for (auto& answer :
         answers_while_away(report, make_profiles({}), std::chrono::minutes{1}).answers) {
        if (answer.profile == profile && answer.question == question && answer.state == state) {
            return answer;
        }
    }
    ADD_FAILURE() << "no answer in " << profile;
    return {};
}

TEST(HealthProfilesWhileAway, ClaimNothingThatNobodyKnows)
{
    const auto dash = told_while_away("dash", Question::status, State::degraded);
    EXPECT_EQ(dash.body,
              "{\"status\":\"degraded\",\"uptime_seconds\":\x01u,"
              "\"cache\":{\"sales\":{\"exists\":null,\"size_bytes\":null}},"
              "\"cache_directory\":null,\"data_available\":null,\"all_caches_warm\":null}");
    const auto ready = told_while_away("visualizer", Question::ready, State::degraded);
    EXPECT_EQ(ready.body,
              "{\"status\":\"ready\",\"checks\":{\"cache_directory\":null,\"redis\":null,"
              "\"sales\":null},\"timestamp\":\x01n}");
    const auto cereon = told_while_away("cereon", Question::detailed, State::degraded);
    EXPECT_NE(cereon.body.find(R"("redis":{"status":"unknown","error":"the sidecar is away"})"),
              std::string::npos)
        << cereon.body;
}

// Where the application's own degraded is a 503, as something is missing, a sidecar that is merely
// away leaves it ready; the FastAPI application tells of every doubt by 503.
TEST(HealthProfilesWhileAway, AreNotReadyOnceTheyAreDown)
{
    EXPECT_EQ(told_while_away("dash", Question::status, State::degraded).status, 200);
    EXPECT_EQ(told_while_away("dash", Question::status, State::down).status, 503);
    EXPECT_EQ(told_while_away("visualizer", Question::ready, State::degraded).status, 200);
    const auto down = told_while_away("visualizer", Question::ready, State::down);
    EXPECT_EQ(down.status, 503);
    EXPECT_EQ(down.body.find(R"({"status":"not ready")"), 0u) << down.body;
    EXPECT_EQ(told_while_away("cereon", Question::detailed, State::degraded).status, 503);
    EXPECT_EQ(told_while_away("cereon", Question::ready, State::degraded).status, 200);
    EXPECT_EQ(told_while_away("cereon", Question::ready, State::down).status, 503);
}

}  // namespace
}  // namespace gatehouse::checks
