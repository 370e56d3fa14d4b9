// Bodies of requests: in pieces, cut short, too large, refused before they are there.
#include "sidecar/api/test_server.h"

namespace gatehouse::api {
namespace {

using namespace std::chrono_literals;

TEST_F(ApiServer, StreamsABodyPieceByPiece)
{
    start();
    const std::string body(1 << 20, 'x');
    auto answer =
        ask("PUT /stream HTTP/1.1\r\nContent-Length: 1048576\r\n" + std::string{tail} + body);
    EXPECT_NE(answer.find("\r\n\r\n1048576"), answer.npos);
    answer = ask("PUT /stream HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + std::string{tail} +
                 "100000\r\n" + body + "\r\n0\r\n\r\n");
    EXPECT_NE(answer.find("\r\n\r\n1048576"), answer.npos);
    answer = ask("PUT /stream HTTP/1.1\r\nContent-Length: 0\r\n" + std::string{tail});
    EXPECT_NE(answer.find("\r\n\r\n0"), answer.npos);
    EXPECT_EQ(outcome(), (Outcome{"end 1048576", "end 1048576", "end 0"}));
}

TEST_F(ApiServer, TellsOfBodiesThatEndEarly)
{
    start();
    const std::string put = "PUT /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n";
    for (std::size_t size = 0; size < 10; ++size) {
        const auto answer = Client{path()}.send(put + std::string(size, 'x')).send_end().read();
        EXPECT_EQ(answer, "") << size;
    }
    EXPECT_EQ(outcome(), Outcome(10, "abort"));
}

TEST_F(ApiServer, RefusesBodiesThatAreTooLarge)
{
    start();
    auto answer = ask("PUT /stream HTTP/1.1\r\nContent-Length: 1048577\r\n" + std::string{tail});
    EXPECT_EQ(status_of(answer), "413");
    EXPECT_EQ(outcome(), Outcome{}) << "before anybody takes it";
    answer = ask("PUT /stream HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + std::string{tail} +
                 "200000\r\n" + std::string(2 << 20, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(status_of(answer), "413");
    EXPECT_EQ(answers_in(answer), 1u);
    EXPECT_EQ(outcome(), Outcome{"too large"});
}

TEST_F(ApiServer, AnswersBeforeTheBodyIsThere)
{
    start();
    const std::string body(10 << 20, 'x');
    const auto put = [&](const char* query) {
        return "PUT /stream?" + std::string{query} + " HTTP/1.1\r\nContent-Length: 1000000\r\n" +
               std::string{tail} + body;
    };
    EXPECT_EQ(status_of(ask(put("early"))), "403");
    EXPECT_EQ(status_of(ask(put("refuse"))), "422");
    EXPECT_EQ(outcome(), Outcome{});
}

TEST_F(ApiServer, SaysGoOnOnlyToWhomItWillListen)
{
    start();
    const std::string expect = "Content-Length: 3\r\nExpect: 100-continue\r\nHost: h\r\n\r\n";
    Client good{path()};
    good.send("PUT /stream HTTP/1.1\r\n" + expect);
    EXPECT_EQ(good.read("Continue\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(status_of(good.send("abc").read("3")), "200");
    EXPECT_EQ(status_of(ask("PUT /stream?early HTTP/1.1\r\n" + expect)), "403");
    EXPECT_EQ(status_of(ask("GET /echo HTTP/1.1\r\nExpect: tea\r\n" + std::string{tail})), "417");
}

}  // namespace
}  // namespace gatehouse::api
