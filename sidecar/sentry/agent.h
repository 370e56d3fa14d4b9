// Sends errors to Sentry: those that the sidecar logs, and those of nginx's error log.
//
// Nobody ever waits for it, and nothing of it can go round in circles: at most so many events wait
// to be sent, the same is sent once a minute, and what goes wrong on the way is logged as a
// warning, which is never sent.
//
// Thread safety: lives on the loop; errors are taken from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "sidecar/base/fetch.h"
#include "sidecar/base/log.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/repeats.h"
#include "sidecar/config/types.h"
#include "sidecar/sentry/dsn.h"
#include "sidecar/sentry/event.h"
#include "sidecar/sentry/limits.h"
#include "sidecar/sentry/nginx_log.h"

namespace gatehouse::sentry {

/// What became of errors.
struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t sampled = 0;       ///< left out by sample_rate
    std::uint64_t grouped = 0;       ///< the same as one that was sent within a minute
    std::uint64_t rate_limited = 0;  ///< Sentry wants no more for now
    std::uint64_t queue_full = 0;
    std::uint64_t failed = 0;
};

class Agent {
public:
    explicit Agent(sidecar::Loop& loop);
    ~Agent();

    /// Without a DSN nothing is sent from now on.
    void configure(const config::Sentry& settings);

    bool is_on() const noexcept { return dsn_.has_value(); }
    const Counts& counts() const noexcept { return counts_; }

    /// Before the end of the process: takes what was logged, and waits for what is on its way. The
    /// loop must not run. False: that took longer than `limit`.
    bool finish(std::chrono::milliseconds limit);

    static constexpr std::size_t most_waiting = 50;
    static constexpr std::int64_t group_interval_ms = 60'000;

private:
    struct Inbox;
    struct Group {
        std::int64_t sent_at_ms = 0;  ///< steady
        std::uint64_t repeats = 0;
    };

    void drain();
    void take(Event event, std::int64_t steady_ms);
    bool is_repeated(Event& event, std::int64_t steady_ms);
    void send(const Event& event);
    void on_answer(const Result<sidecar::Fetched>& answer);
    void fail(const std::string& why);
    void read_nginx_log();
    void take_nginx_log(const NginxLog::News& news);

    sidecar::Loop& loop_;
    sidecar::Timer nginx_timer_;
    config::Sentry settings_;
    std::optional<Dsn> dsn_;
    Origin origin_;
    Limits limits_;
    Counts counts_;
    std::map<std::string, Group> groups_;
    sidecar::Repeats repeats_{group_interval_ms};
    std::mt19937_64 random_{std::random_device{}()};
    std::size_t waiting_ = 0;
    std::shared_ptr<Inbox> inbox_;
    std::shared_ptr<NginxLog> nginx_log_;
    unsigned nginx_log_misses_ = 0;    ///< looks in a row that found no file to read
    sidecar::Pool pool_{"sentry", 1};  // last: its thread ends first
};

}  // namespace gatehouse::sentry
