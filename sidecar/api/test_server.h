// For tests: an API server on a thread of its own, clients that send what they are told to, and
// what became of the bodies.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <future>
#include <thread>

#include "sidecar/api/server.h"
#include "sidecar/base/loop.h"
#include "src/base/unique_fd.h"

namespace gatehouse::api {

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

inline std::string status_of(const std::string& answer)
{
    return answer.size() > 12 ? answer.substr(9, 3) : "none: " + answer;
}

inline std::size_t answers_in(const std::string& text)
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

    /// What it is once there is one.
    Outcome wait_for_outcome()
    {
        Outcome copy = outcome();
        while (copy.empty()) {
            copy = outcome();
        }
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

inline constexpr std::string_view tail = "Host: h\r\nConnection: close\r\n\r\n";

inline std::string get(std::string_view target)
{
    return "GET " + std::string{target} + " HTTP/1.1\r\n" + std::string{tail};
}

}  // namespace gatehouse::api
