// One connection of the link: an nginx worker, or somebody who has yet to say that it is one.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/loop.h"
#include "sidecar/link/hello.h"
#include "sidecar/link/outbox.h"
#include "sidecar/link/regions.h"
#include "src/link/channel.h"

namespace gatehouse::sidecar {

/// What is known of a worker, for people.
struct WorkerReport {
    Hello hello;
    std::uint64_t applied_generation = 0;
    std::int64_t connected_at_ms = 0;
    std::size_t queued = 0;
    std::int64_t silent_ms = 0;  ///< for so long it has not read all that it was sent
    struct Latency {             ///< from publish to visible, over the last thousand
        std::int64_t min_ms = 0, median_ms = 0, max_ms = 0;
    };
    std::optional<Latency> latency;
};

class WorkerConnection {
public:
    struct Events {
        std::function<void(WorkerConnection&)> greeted;
        /// The last call; destroys the connection.
        std::function<void(WorkerConnection&, const std::string& why)> lost;
        /// When a generation was published, in Unix time; 0: not known any more.
        std::function<std::int64_t(std::uint64_t generation)> published_at;
        /// Maps memory that the worker shares.
        std::function<Result<Region>(UniqueFd)> adopt;
        /// What it says beside: `used`, `wanted` and `touched` (src/link/protocol.h).
        std::function<void(link::Type, const std::string& payload, std::int64_t at_ms)> told;
    };

    WorkerConnection(Loop& loop, link::Channel channel, link::Peer peer, Events events);

    /// Queue, then flush().
    Outbox& outbox() noexcept { return outbox_; }
    void flush();

    bool greeted() const noexcept { return hello_.has_value(); }
    const link::Peer& peer() const noexcept { return peer_; }
    WorkerReport report() const;

    /// What the worker lets us read.
    const Regions& regions() const noexcept { return regions_; }

    /// Tells the peer why it is not served; best effort.
    void refuse(const std::string& why);

    static constexpr std::chrono::seconds hello_limit{5};
    static constexpr std::chrono::seconds stall_limit{10};
    static constexpr std::size_t latencies_kept = 1000;

private:
    void receive();
    /// Returns why the peer is to be dropped, or nothing.
    std::optional<std::string> take(link::Incoming message);
    std::optional<std::string> greet(const link::Incoming& message);
    std::optional<std::string> share(link::Incoming message);
    void applied(const link::Incoming& message);
    void look_for_life();
    link::Sent send_front();
    void wait_to_send();
    void lose(const std::string& why);

    Loop& loop_;
    link::Channel channel_;
    link::Peer peer_;
    Events events_;
    Outbox outbox_;
    std::optional<Hello> hello_;
    Regions regions_;
    std::int64_t connected_at_ms_;
    std::uint64_t applied_generation_ = 0;
    std::int64_t read_all_at_ms_;  ///< steady: when that was seen last
    std::deque<std::int64_t> latencies_;
    bool blocked_ = false;
    bool lost_ = false;
    Timer hello_timer_;
    Timer stall_timer_;
    Timer retry_timer_;
    FdWatch watch_;  // last: it must go before the channel's descriptor
};

}  // namespace gatehouse::sidecar
