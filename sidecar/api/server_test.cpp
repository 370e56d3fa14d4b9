// The API socket under clients of every kind: what they send is written out, what they get compared
// with what RFC 9110 and 9112 say.
#include "sidecar/api/server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <future>
#include <thread>

#include "sidecar/base/loop.h"
#include "src/base/unique_fd.h"

namespace gatehouse::api {
namespace {

using namespace std::chrono_literals;
using Outcome = std::vector<std::string>;

/// Writes down what happens to it; takes each piece at once, or when told to.
class Notes : public BodySink {
public:
    Notes(std::shared_ptr<Outcome> outcome, RequestPtr request, Reply reply)
        : outcome_(std::move(outcome)), request_(std::move(request)), reply_(std::move(reply))
    {
    }

    void take(std::string piece, std::function<void()> more) override
    {
        bytes_ += piece.size();
        if (request_->query == "refuse") {
            return reply_(problem(*request_, 422, "No."));
        }
        more();
    }
    void end() override
    {
        outcome_->push_back("end " + std::to_string(bytes_));
        reply_(json(200, std::to_string(bytes_)));
    }
    void abort(bool too_large) override { outcome_->push_back(too_large ? "too large" : "abort"); }

private:
    std::shared_ptr<Outcome> outcome_;
    RequestPtr request_;
    Reply reply_;
    std::size_t bytes_ = 0;
};

class Client {
public:
    explicit Client(const std::string& path)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path.c_str());
        fd_ = UniqueFd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        connected_ =
            ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

    bool connected() const { return connected_; }

    Client& send(std::string_view text)
    {
        while (!text.empty()) {
            const auto sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                break;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return *this;
    }

    Client& send_end()
    {
        ::shutdown(fd_.get(), SHUT_WR);
        return *this;
    }

    /// What comes until the end, or until it holds `enough`, or nothing comes for long.
    std::string read(std::string_view enough = {})
    {
        while (enough.empty() || received_.find(enough) == std::string::npos) {
            pollfd ready{fd_.get(), POLLIN, 0};
            char bytes[4096];
            ssize_t count = 0;
            if (::poll(&ready, 1, 10'000) != 1 ||
                (count = ::read(fd_.get(), bytes, sizeof bytes)) <= 0) {
                ended_ = count <= 0 && ready.revents != 0;
                break;
            }
            received_.append(bytes, static_cast<std::size_t>(count));
        }
        return std::exchange(received_, {});
    }

    bool ended() const { return ended_; }

private:
    UniqueFd fd_;
    bool connected_ = false;
    bool ended_ = false;
    std::string received_;
};

std::string status_of(const std::string& answer)
{
    return answer.size() > 12 ? answer.substr(9, 3) : "none: " + answer;
}

std::size_t answers_in(const std::string& text)
{
    std::size_t count = 0;
    constexpr std::string_view in_each = "\r\nDate: ";
    for (auto at = text.find(in_each); at != text.npos; at = text.find(in_each, at + 1)) {
        ++count;
    }
    return count;
}

class ApiServer : public testing::Test {
protected:
    ApiServer()
    {
        char name[] = "/tmp/gth-api-XXXXXX";
        directory_ = ::mkdtemp(name);
    }

    ~ApiServer() override
    {
        if (thread_.joinable()) {
            on_loop([this] { server_.reset(); });
            loop_.stop();
            thread_.join();
        }
        std::filesystem::remove_all(directory_);
    }

    std::string path() const { return directory_ + "/api.sock"; }

    void start(Limits limits = {})
    {
        server_ = std::make_unique<Server>(
            loop_,
            [](std::string_view token, std::string_view method, std::string_view path) {
                return token == "good" ? std::optional{Caller{.user = "ada",
                                                              .method = std::string{method},
                                                              .token_id = std::string{path},
                                                              .request_id = "from-the-signature"}}
                                       : std::nullopt;
            },
            limits);
        server_->add(routes());
        const auto listening = server_->listen({"api", path(), 0600});
        ASSERT_TRUE(listening) << listening.error().message;
        thread_ = std::thread{[this] { ASSERT_TRUE(loop_.run()); }};
    }

    template <class Task>
    void on_loop(Task task)
    {
        std::promise<void> done;
        loop_.post([&] {
            task();
            done.set_value();
        });
        done.get_future().wait();
    }

    std::vector<Route> routes()
    {
        const auto echo = [](const RequestPtr& request, const Reply& reply) {
            const auto who = request->caller
                                 ? request->caller->user + " " + request->caller->method + " " +
                                       request->caller->token_id
                                 : std::string{"anonymous"};
            reply({200,
                   {{"Content-Type", "text/plain"}, {"Bad", "a\r\nSplit: b"}},
                   request->method + " " + request->path + " " + who + " " + request->query + " [" +
                       request->body + "]"});
        };
        const auto receive = [this](const RequestPtr& request,
                                    Reply reply) -> std::shared_ptr<BodySink> {
            if (request->query == "early") {
                reply(problem(*request, 403, "No."));
                return nullptr;
            }
            return std::make_shared<Notes>(outcome_, request, std::move(reply));
        };
        const auto later = [this](const RequestPtr&, Reply reply) { later_ = std::move(reply); };
        return {{.method = "GET", .path = "/echo", .handle = echo},
                {.method = "POST", .path = "/echo", .handle = echo},
                {.method = "GET", .path = "/later", .handle = later},
                {.method = "PUT", .path = "/stream", .receive = receive, .largest_body = [] {
                     return std::uint64_t{1} << 20;
                 }}};
    }

    Outcome outcome()
    {
        Outcome copy;
        on_loop([&] { copy = *outcome_; });
        return copy;
    }

    void wait_for_later()
    {
        for (bool there = false; !there;) {
            on_loop([&] { there = static_cast<bool>(later_); });
        }
    }

    std::string ask(std::string_view request) { return Client{path()}.send(request).read(); }

    std::string directory_;
    sidecar::Loop loop_;
    std::unique_ptr<Server> server_;
    std::thread thread_;
    std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
    Reply later_;
};

constexpr std::string_view tail = "Host: h\r\nConnection: close\r\n\r\n";

std::string get(std::string_view target)
{
    return "GET " + std::string{target} + " HTTP/1.1\r\n" + std::string{tail};
}

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
          std::string{"GET /echo HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 44},
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

TEST_F(ApiServer, HangsUpOnTheSlow)
{
    Limits limits;
    limits.idle = limits.head = limits.piece = 200ms;
    start(limits);
    EXPECT_EQ(ask(""), "") << "says nothing";
    EXPECT_EQ(ask("GET /echo HTT"), "") << "half a head";
    EXPECT_EQ(ask("PUT /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"), "");
    EXPECT_EQ(outcome(), Outcome{"abort"});
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
