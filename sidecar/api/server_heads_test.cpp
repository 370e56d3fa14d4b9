// Heads of requests that are none, too large, or frame a body in two ways (RFC 9112 §6.3, §11.2).
#include "sidecar/api/test_server.h"

namespace gatehouse::api {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_F(ApiServer, RefusesWhatIsFramedInTwoWays)
{
    start();
    const std::string post = "POST /echo HTTP/1.1\r\nHost: h\r\n";
    const std::string next = "GET /echo?smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    for (const std::string& bad :
         {post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
          post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
          post + "Content-Length: 5, 5\r\n\r\nabcde",
          post + "Content-Length: +5\r\n\r\nabcde",
          post + "Content-Length: 5 5\r\n\r\nabcde",
          post + "Content-Length: -1\r\n\r\n",
          post + "Content-Length: 0x5\r\n\r\nabcde",
          post + "Content-Length:\r\n\r\n",
          post + "Content-Length: 99999999999999999999\r\n\r\n",
          post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
          post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
          post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
          post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
          std::string{"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
          post + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nabc\r\n",
          post + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n",
          post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
          post + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcdeX\r\n0\r\n\r\n"}) {
        Client client{path()};
        client.send(bad + next).send_end();
        const auto answers = client.read();
        EXPECT_EQ(status_of(answers), "400") << bad;
        EXPECT_EQ(answers_in(answers), 1u) << bad;
        EXPECT_TRUE(client.ended()) << bad;
    }
}

TEST_F(ApiServer, RefusesHeadsThatAreNone)
{
    start();
    for (const std::string& bad :
         {std::string{"GET /echo\r\n\r\n"}, std::string{"GET  /echo HTTP/1.1\r\nHost: h\r\n\r\n"},
          std::string{"GET /echo HTTP/1.1\r\n\r\n"}, std::string{"\x16\x03\x01\x02\r\n\r\n"},
          std::string{"GET /echo HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"},
          std::string{"GET /echo HTTP/1.1\r\nHost:\r\n\r\n"},
          std::string{"GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n"},
          std::string{"GET /echo HTTP/1.1\r\nHost: evil,good\r\n\r\n"},
          "GET /echo HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s,
          std::string{"GET /echo HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n"},
          std::string{"GET /echo HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"},
          std::string{"GET /echo HTTP/1.1\r\nHost: h\r\nGate-Identity: good\r\n"
                      "gate-identity: good\r\n\r\n"},
          std::string{"GET http://h/echo HTTP/1.1\r\nHost: h\r\n\r\n"},
          std::string{"GET * HTTP/1.1\r\nHost: h\r\n\r\n"},
          std::string{"GET /../echo HTTP/1.1\r\nHost: h\r\n\r\n"},
          std::string{"GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n"}}) {
        EXPECT_EQ(status_of(ask(bad)), "400") << bad;
    }
}

TEST_F(ApiServer, HasLimitsForHeads)
{
    start();
    EXPECT_EQ(status_of(ask(get("/" + std::string(9000, 'a')))), "414");
    EXPECT_EQ(status_of(ask(get("/" + std::string(200'000, 'a')))), "414");
    EXPECT_EQ(status_of(ask("GET /echo HTTP/1.1\r\nX: " + std::string(70'000, 'a') + "\r\n" +
                            std::string{tail})),
              "431");
    EXPECT_EQ(status_of(ask(get("/" + std::string(8000, 'a')))), "404");
}

}  // namespace
}  // namespace gatehouse::api
