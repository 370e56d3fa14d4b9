// Brings receivers what they are to be told: to each one message at a time, tried again and again
// until it is taken, refused for good, or an hour old. What is due meanwhile waits for the next
// message; of more than `most_waiting` alerts the latest are dropped, which is counted and logged.
//
// Each receiver has a thread of its own, so that none waits for another that hangs.
//
// Thread safety: none; lives on the loop. Only the attempts happen on those threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "sidecar/alerts/book.h"
#include "sidecar/alerts/delivery.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"

namespace gatehouse::alerts {

class Courier {
public:
    struct Ports {
        sidecar::Loop& loop;
        Fetch fetch;
        std::function<sidecar::Now()> clocks;
        /// The receiver knows, or will never.
        std::function<void(const std::string& id, const std::string& receiver, Phase phase)> told;
    };

    struct Counts {
        std::uint64_t delivered = 0;
        std::uint64_t retried = 0;  ///< attempts after which there is another
        std::uint64_t failed = 0;   ///< messages that were given up
        std::uint64_t dropped = 0;  ///< alerts
    };

    struct Report {
        std::string name;
        std::string kind;
        Counts counts;
        std::size_t waiting = 0;  ///< alerts that are not told yet
        unsigned attempts = 0;    ///< for the message on its way; 0: there is none
        std::string error;        ///< of the last attempt; empty: it was good
    };

    static constexpr std::size_t most_alerts = 100;    ///< of one message
    static constexpr std::size_t most_waiting = 1000;  ///< alerts

    explicit Courier(Ports ports);
    ~Courier();

    /// Those that stay keep their message and their counts; what is on its way to others counts no
    /// more.
    void configure(const std::map<std::string, config::AlertReceiver>& receivers);

    /// All that the receiver is to be told, each time; what it is being told included.
    void offer(const std::string& receiver, std::vector<Book::Due> due);

    /// One attempt with a message for a trial. False: no such receiver.
    bool test(const std::string& receiver, std::function<void(const Attempt&)> done);

    std::vector<Report> report() const;

    /// Starts nothing any more. False: attempts took longer than `limit` to end.
    bool stop(std::chrono::milliseconds limit);

private:
    struct Outbox;
    using OutboxPtr = std::shared_ptr<Outbox>;

    sidecar::Pool& idle_thread();
    void send(const OutboxPtr& outbox);
    void on_attempt(const OutboxPtr& outbox, const Attempt& attempt);
    void retry(const OutboxPtr& outbox, const Attempt& attempt);
    void done_with(Outbox& outbox);
    void drop(Outbox& outbox, const std::vector<Book::Due>& due);

    Ports ports_;
    std::map<std::string, OutboxPtr> outboxes_;
    std::minstd_rand random_{std::random_device{}()};
    bool stopped_ = false;
    /// One for each receiver; one that is left over is used again. Last: they end before what they
    /// work on goes.
    std::vector<std::unique_ptr<sidecar::Pool>> threads_;
};

}  // namespace gatehouse::alerts
