// Publishes a card over and over to the workers of a running nginx, and measures when all of them
// serve it. In the sidecar's place, so that nothing but publishing is measured: lay out, seal,
// send, map, confirm.
//
// Usage: publish_latency SOCKET WORKERS BODY_BYTES PUBLISHES PAUSE_MS
// Prints one line of JSON per publish, in µs: {"build": until sealed, "visible": until the last
// worker confirmed, both from the bytes being ready}.
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "src/board/snapshot.h"
#include "src/link/channel.h"

namespace {

using namespace gatehouse;
using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what)
{
    std::fprintf(stderr, "publish_latency: %s\n", what.c_str());
    std::exit(1);
}

long microseconds_since(Clock::time_point start)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

std::int64_t unix_ms()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void wait_readable(int fd)
{
    pollfd readable{fd, POLLIN, 0};
    if (::poll(&readable, 1, 10'000) <= 0) {
        fail("a worker is silent for 10 s");
    }
}

Result<link::Incoming> receive(link::Channel& worker)
{
    for (;;) {
        wait_readable(worker.fd());
        auto message = worker.receive();
        if (!message) {
            return message.error();
        }
        if (*message) {
            return std::move(**message);
        }
    }
}

void wait_until_applied(link::Channel& worker, std::uint64_t generation)
{
    for (;;) {
        auto message = receive(worker);
        if (!message) {
            fail(message.error().message);
        }
        if (message->type == link::Type::applied && message->generation >= generation) {
            return;
        }
    }
}

class Publisher {
public:
    Publisher(std::size_t body_bytes) : body_(body_bytes, '7') {}

    void accept(int listener, std::size_t count)
    {
        while (workers_.size() < count) {
            wait_readable(listener);
            link::Channel worker{
                UniqueFd{::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)}};
            // nginx's master looks whether somebody listens, and says nothing.
            if (auto hello = receive(worker); hello && hello->type == link::Type::hello) {
                workers_.push_back(std::move(worker));
            }
        }
    }

    /// Every worker gets the first card and is told that this is all.
    void sync()
    {
        publish();
        send({.type = link::Type::synced, .generation = generation_});
    }

    void publish()
    {
        const auto start = Clock::now();
        const auto snapshot = next_snapshot();
        const long built = microseconds_since(start);
        send({.type = link::Type::publish,
              .generation = generation_,
              .at_ms = unix_ms(),
              .payload = "card",
              .fd = snapshot.fd()});
        for (auto& worker : workers_) {
            wait_until_applied(worker, generation_);
        }
        std::printf("{\"build\": %ld, \"visible\": %ld}\n", built, microseconds_since(start));
    }

    void beat() { send({.type = link::Type::beat, .at_ms = unix_ms()}); }

private:
    SealedMemory next_snapshot()
    {
        ++generation_;
        std::to_chars(body_.data(), body_.data() + body_.size(),
                      generation_);  // other bytes, another ETag
        auto memory = board::build_snapshot({
            .name = "card",
            .path = "/card",
            .cache_control = "max-age=60",
            .require = "",
            .link = "",
            .generation = generation_,
            .computed_at_ms = unix_ms(),
            .last_modified_s = unix_ms() / 1000,
            .max_age_ms = 60'000,
            .bodies = {{.content_type = "application/json", .bytes = body_}},
        });
        if (!memory) {
            fail(memory.error().message);
        }
        return std::move(*memory);
    }

    void send(const link::Outgoing& message)
    {
        for (auto& worker : workers_) {
            if (worker.send(message) != link::Sent::yes) {
                fail("a worker does not take a message");
            }
        }
    }

    std::string body_;
    std::uint64_t generation_ = 0;
    std::vector<link::Channel> workers_;
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 6) {
        std::fputs("usage: publish_latency SOCKET WORKERS BODY_BYTES PUBLISHES PAUSE_MS\n", stderr);
        return 2;
    }
    auto listener = link::listen(argv[1], 0600, static_cast<gid_t>(-1));
    if (!listener) {
        fail(listener.error().message);
    }
    Publisher publisher{std::stoul(argv[3])};
    publisher.accept(listener->get(), std::stoul(argv[2]));
    publisher.sync();
    for (int i = std::atoi(argv[4]); i > 0; --i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{std::atoi(argv[5])});
        publisher.beat();
        publisher.publish();
    }
}
