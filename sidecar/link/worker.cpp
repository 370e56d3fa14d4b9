#include "sidecar/link/worker.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sidecar/base/clock.h"

namespace gatehouse::sidecar {

namespace {

/// Messages taken from one peer before the others get their turn.
constexpr int receive_batch = 64;

constexpr std::chrono::milliseconds full_retry{50};

/// Whether it is for whoever asks for such news. Of numbers there are only whole ones.
bool is_told(const link::Incoming& message)
{
    using link::Type;
    return message.type == Type::used || message.type == Type::wanted ||
           (message.type == Type::touched && message.payload.size() % sizeof(std::uint64_t) == 0);
}

/// Whether the peer has still to read something of what was sent.
bool has_unread(int fd)
{
    int bytes = 0;
    return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

}  // namespace

WorkerConnection::WorkerConnection(Loop& loop, link::Channel channel, link::Peer peer,
                                   Events events)
    : loop_(loop),
      channel_(std::move(channel)),
      peer_(peer),
      events_(std::move(events)),
      connected_at_ms_(unix_ms()),
      read_all_at_ms_(read_clocks().steady_ms),
      hello_timer_(loop),
      stall_timer_(loop),
      retry_timer_(loop),
      watch_(loop, channel_.fd())
{
    hello_timer_.start(hello_limit, [this] { lose("it sent no hello within 5 s"); });
    watch_.on_readable([this] { receive(); });
}

void WorkerConnection::receive()
{
    for (int i = 0; i < receive_batch; ++i) {
        auto message = channel_.receive();
        if (!message) {
            refuse(message.error().message);
            return lose(message.error().message);
        }
        if (!*message) {
            return;
        }
        if (const auto flaw = take(std::move(**message))) {
            refuse(*flaw);
            return lose(*flaw);
        }
    }
}

std::optional<std::string> WorkerConnection::take(link::Incoming message)
{
    if (!greeted() && message.type == link::Type::hello) {
        return greet(message);
    }
    if (greeted() && message.type == link::Type::applied) {
        applied(message);
        return std::nullopt;
    }
    if (greeted() && message.type == link::Type::share) {
        return share(std::move(message));
    }
    if (greeted() && is_told(message)) {
        events_.told(message.type, message.payload, message.at_ms);
        return std::nullopt;
    }
    return "it sent a message that is not its to send (type " +
           std::to_string(static_cast<unsigned>(message.type)) + ")";
}

std::optional<std::string> WorkerConnection::share(link::Incoming message)
{
    const auto& name = message.payload;
    if (name.empty() || name.size() > longest_region_name || regions_.size() >= most_regions) {
        return "it shares memory under a name that is none, or more than can be";
    }
    auto region = events_.adopt(std::move(message.fd));
    if (!region) {
        return "it shares memory that is refused: " + region.error().message;
    }
    regions_.insert_or_assign(name, std::move(*region));
    return std::nullopt;
}

std::optional<std::string> WorkerConnection::greet(const link::Incoming& message)
{
    auto hello = parse_hello(message.payload);
    if (!hello) {
        return hello.error().message;
    }
    hello_ = std::move(*hello);
    applied_generation_ = hello_->generation;
    hello_timer_.cancel();
    events_.greeted(*this);
    return std::nullopt;
}

void WorkerConnection::applied(const link::Incoming& message)
{
    applied_generation_ = std::max(applied_generation_, message.generation);
    const auto published = events_.published_at(message.generation);
    // What was there before the worker says nothing about how fast news travel.
    if (published < connected_at_ms_) {
        return;
    }
    latencies_.push_back(std::max<std::int64_t>(message.at_ms - published, 0));
    if (latencies_.size() > latencies_kept) {
        latencies_.pop_front();
    }
}

/// A worker answers no beat, but one that lives takes it from its socket.
void WorkerConnection::look_for_life()
{
    if (!has_unread(channel_.fd())) {
        read_all_at_ms_ = read_clocks().steady_ms;
    }
}

link::Sent WorkerConnection::send_front()
{
    const auto& letter = outbox_.front();
    return channel_.send({letter.type, letter.generation, letter.at_ms, letter.name, letter.fd()});
}

void WorkerConnection::flush()
{
    look_for_life();
    while (!blocked_ && !lost_ && !outbox_.empty()) {
        switch (send_front()) {
        case link::Sent::yes:
            outbox_.pop();
            stall_timer_.cancel();
            break;
        case link::Sent::would_block: wait_to_send(); break;
        case link::Sent::failed: {
            // The caller may be in the middle of a walk over all connections.
            lost_ = true;
            retry_timer_.start(std::chrono::milliseconds{0},
                               [this, why = std::string{std::strerror(errno)}] {
                                   lost_ = false;
                                   lose(why);
                               });
            break;
        }
        }
    }
}

void WorkerConnection::wait_to_send()
{
    // Too many descriptors in flight: the socket itself counts as writable, so time has to do.
    const bool descriptors_full = errno == ETOOMANYREFS;
    blocked_ = true;
    if (!stall_timer_.waiting()) {
        stall_timer_.start(stall_limit, [this] { lose("it has read nothing for 10 s"); });
    }
    const auto go_on = [this] {
        blocked_ = false;
        flush();
    };
    if (descriptors_full) {
        retry_timer_.start(full_retry, go_on);
    } else {
        watch_.once_writable(go_on);
    }
}

void WorkerConnection::refuse(const std::string& why)
{
    (void)channel_.send({link::Type::refused, 0, unix_ms(), why.substr(0, 1024), -1});
}

void WorkerConnection::lose(const std::string& why)
{
    if (!std::exchange(lost_, true)) {
        const auto lost = events_.lost;  // a copy: the call destroys *this
        // `why` may be a part of *this as well.
        const std::string reason = why;  // NOLINT(performance-unnecessary-copy-initialization)
        lost(*this, reason);
    }
}

WorkerReport WorkerConnection::report() const
{
    WorkerReport report{hello_.value_or(Hello{}),
                        applied_generation_,
                        connected_at_ms_,
                        outbox_.size(),
                        0,
                        std::nullopt};
    if (has_unread(channel_.fd())) {
        report.silent_ms = read_clocks().steady_ms - read_all_at_ms_;
    }
    if (!latencies_.empty()) {
        std::vector<std::int64_t> sorted{latencies_.begin(), latencies_.end()};
        std::sort(sorted.begin(), sorted.end());
        report.latency = {sorted.front(), sorted[sorted.size() / 2], sorted.back()};
    }
    return report;
}

}  // namespace gatehouse::sidecar
