#include "src/http/problem.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gatehouse::http {
namespace {

TEST(ProblemJson, ExampleOfRfc9457)
{
    // RFC 9457 §3, figure 1.
    const std::array extra{
        ProblemMember{"balance", "30"},
        ProblemMember{"accounts", R"(["/account/12345","/account/67890"])"},
    };
    Problem problem;
    problem.type = "https://example.com/probs/out-of-credit";
    problem.title = "You do not have enough credit.";
    problem.status = 403;
    problem.detail = "Your current balance is 30, but that costs 50.";
    problem.instance = "/account/12345/msgs/abc";
    problem.extra = extra;
    EXPECT_EQ(problem_json(problem),
              R"({"type":"https://example.com/probs/out-of-credit",)"
              R"("title":"You do not have enough credit.","status":403,)"
              R"("detail":"Your current balance is 30, but that costs 50.",)"
              R"("instance":"/account/12345/msgs/abc",)"
              R"("balance":30,"accounts":["/account/12345","/account/67890"]})"
              "\n");
}

TEST(ProblemJson, Defaults)
{
    Problem problem;
    problem.status = 404;
    problem.request_id = "4bf92f35";
    EXPECT_EQ(problem_json(problem),
              R"({"type":"about:blank","title":"Not Found","status":404,"request_id":"4bf92f35"})"
              "\n");
}

TEST(ProblemJson, TypeAndTitleMayBeMissing)
{
    Problem problem;
    problem.type = "";
    problem.status = 799;
    EXPECT_EQ(problem_json(problem), "{\"status\":799}\n");
}

TEST(ProblemJson, EscapesWhatClientsSent)
{
    Problem problem;
    problem.status = 400;
    problem.title = "T";
    problem.detail = "\"\\\r\n<script>\xFF";
    EXPECT_EQ(problem_json(problem), R"({"type":"about:blank","title":"T","status":400,)"
                                     "\"detail\":\"\\\"\\\\\\r\\n<script>\xEF\xBF\xBD\"}\n");
}

TEST(ProblemHtml, Page)
{
    Problem problem;
    problem.status = 503;
    problem.detail = "No data yet.";
    problem.request_id = "4bf92f35";
    EXPECT_EQ(problem_html(problem), R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>503 Service Unavailable</title>
<h1>503 Service Unavailable</h1>
<p>No data yet.</p>
<p>Request <code>4bf92f35</code></p>
</html>
)");
}

TEST(ProblemHtml, EscapesEveryText)
{
    constexpr std::string_view attack = "</title><script>alert('\"&\")</script>\xC0\xAF";
    Problem problem;
    problem.title = attack;
    problem.detail = attack;
    problem.request_id = attack;
    const std::string page = problem_html(problem);
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find('\''), std::string::npos);
    EXPECT_NE(
        page.find("<p>&lt;/title&gt;&lt;script&gt;alert(&#39;&quot;&amp;&quot;)&lt;/script&gt;"
                  "\xEF\xBF\xBD\xEF\xBF\xBD</p>"),
        std::string::npos);
}

TEST(StatusPhrase, KnownAndUnknown)
{
    EXPECT_EQ(status_phrase(405), "Method Not Allowed");
    EXPECT_EQ(status_phrase(416), "Range Not Satisfiable");
    EXPECT_EQ(status_phrase(429), "Too Many Requests");
    EXPECT_EQ(status_phrase(299), "");
}

}  // namespace
}  // namespace gatehouse::http
