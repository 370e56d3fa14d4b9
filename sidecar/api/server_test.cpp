// The API socket under clients of every kind: what they send is written out, what they get compared
// with what RFC 9110 and 9112 say.
#include "sidecar/api/test_server.h"

namespace gatehouse::api {
namespace {

using namespace std::chrono_literals;

TEST_F(ApiServer, AnswersInTurnOnOneConnection)
{
    start();
    Client client{path()};
    client.send("GET /echo?a=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    auto answer = client.read("[]");
    EXPECT_EQ(status_of(answer), "200");
    EXPECT_NE(answer.find("GET /echo anonymous a=1 []"), answer.npos);
    EXPECT_NE(answer.find("Connection: keep-alive\r\n"), answer.npos);
    EXPECT_EQ(answer.find("Split"), answer.npos) << "no field splits another";
    client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxy");
    EXPECT_NE(client.read("]").find("[xy]"), answer.npos);
    client.send(
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: x\r\n\r\n");
    EXPECT_NE(client.read("]").find("[abcd]"), answer.npos);
    client.send(get("/echo"));
    answer = client.read();
    EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos);
    EXPECT_TRUE(client.ended());
}

TEST_F(ApiServer, AnswersPipelinedRequestsInTheirOrder)
{
    start();
    const std::string post = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nGET";
    const auto answers = ask("GET /echo?1 HTTP/1.1\r\nHost: h\r\n\r\n" + post +
                             "HEAD /echo?2 HTTP/1.1\r\n"
                             "Host: h\r\n\r\n" +
                             get("/echo?3"));
    EXPECT_EQ(answers_in(answers), 4u);
    const auto first = answers.find("GET /echo anonymous 1 []");
    const auto second = answers.find("POST /echo anonymous  [GET]");
    const auto fourth = answers.find("GET /echo anonymous 3 []");
    EXPECT_LT(first, second);
    EXPECT_LT(second, fourth);
    EXPECT_EQ(answers.find("anonymous 2"), answers.npos) << "HEAD has no body";
    EXPECT_NE(fourth, answers.npos);
}

TEST_F(ApiServer, SpeaksToHttp10)
{
    start();
    const auto answer = ask("GET /echo HTTP/1.0\r\n\r\n");
    EXPECT_EQ(status_of(answer), "200");
    EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos);
}

TEST_F(ApiServer, KnowsPathsAndMethods)
{
    start();
    EXPECT_EQ(status_of(ask(get("/nothing"))), "404");
    EXPECT_EQ(status_of(ask(get("//echo"))), "200");
    const auto answer = ask("FOO /echo HTTP/1.1\r\n" + std::string{tail});
    EXPECT_EQ(status_of(answer), "405");
    EXPECT_NE(answer.find("Allow: GET, HEAD, POST\r\n"), answer.npos);
    EXPECT_NE(answer.find("Content-Type: application/problem+json\r\n"), answer.npos);
    EXPECT_NE(answer.find("\"request_id\":\""), answer.npos);
    EXPECT_EQ(status_of(ask("TRACE /echo HTTP/1.1\r\n" + std::string{tail})), "405");
    EXPECT_EQ(status_of(ask("CONNECT h:443 HTTP/1.1\r\n" + std::string{tail})), "405");
}

TEST_F(ApiServer, BelievesAnIdentityOrRefusesIt)
{
    start();
    const std::string line = "GET /echo?q HTTP/1.1\r\n";
    auto answer = ask(line + "Gate-Identity: good\r\n" + std::string{tail});
    EXPECT_NE(answer.find("ada GET /echo q"), answer.npos) << answer;
    for (const char* bad : {"bad", "", "good good", "good,good"}) {
        answer = ask(line + "X-Request-Id: from-nginx\r\nGate-Identity: " + bad + "\r\n" +
                     std::string{tail});
        EXPECT_EQ(status_of(answer), "401") << bad;
        EXPECT_NE(answer.find("error=\"invalid_token\""), answer.npos);
        EXPECT_NE(answer.find("\"request_id\":\"from-nginx\""), answer.npos);
    }
    answer = ask("GET /nothing HTTP/1.1\r\nGate-Identity: good\r\n" + std::string{tail});
    EXPECT_NE(answer.find("\"request_id\":\"from-the-signature\""), answer.npos);
}

TEST_F(ApiServer, HangsUpOnTheSlow)
{
    Limits limits;
    limits.idle = limits.head = limits.piece = 200ms;
    start(limits);
    EXPECT_EQ(ask(""), "") << "says nothing";
    EXPECT_EQ(ask("GET /echo HTT"), "") << "half a head";
    EXPECT_EQ(ask("PUT /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"), "");
    EXPECT_EQ(wait_for_outcome(), Outcome{"abort"});
}

TEST_F(ApiServer, KeepsToItsNumberOfConnections)
{
    Limits limits;
    limits.most_connections = 2;
    start(limits);
    Client idle{path()}, busy{path()};
    idle.send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n").read("[]");
    busy.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx");
    EXPECT_EQ(status_of(ask(get("/echo"))), "200") << "the idle one makes room";
    EXPECT_EQ(idle.read(), "");
    EXPECT_NE(busy.send("y").read("]").find("[xy]"), std::string::npos);
}

TEST_F(ApiServer, DrainsByAnsweringWhatIsUnderWay)
{
    start();
    Client waiting{path()}, idle{path()};
    idle.send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n").read("[]");
    waiting.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_for_later();
    on_loop([this] { server_->drain(); });
    EXPECT_EQ(idle.read(), "");
    EXPECT_FALSE(Client{path()}.connected());
    on_loop([this] { std::exchange(later_, nullptr)(json(200, "{}")); });
    const auto answer = waiting.read();
    EXPECT_EQ(status_of(answer), "200");
    EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos);
    std::size_t left = 1;
    while (left != 0) {
        on_loop([&] { left = server_->connections(); });
    }
}

TEST_F(ApiServer, DropsAnAnswerNobodyWaitsFor)
{
    start();
    Client client{path()};
    client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_for_later();
    client = Client{path()};
    on_loop([this] {
        later_(json(200, "{}"));
        later_(json(200, "{}"));
        later_ = nullptr;
    });
    EXPECT_EQ(status_of(client.send(get("/echo")).read()), "200");
}

}  // namespace
}  // namespace gatehouse::api
