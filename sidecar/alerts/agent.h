// The alerts agent: looks at the world once a second, has the book make alerts of what rules find,
// and the courier tell receivers of them.
//
// What the book holds is kept in the state's database, so that a restart forgets nothing and tells
// nothing twice. Where that cannot be read at the start, alerts go on without it after ten seconds.
//
// Thread safety: none; lives on the loop. Databases and receivers are asked on threads of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/alerts/book.h"
#include "sidecar/alerts/courier.h"
#include "sidecar/alerts/evaluate.h"
#include "sidecar/alerts/heartbeat.h"
#include "sidecar/alerts/store.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"

namespace gatehouse::alerts {

/// The agent's ways out, wired by the daemon.
struct Ports {
    sidecar::Loop& loop;
    std::function<World(const MetricNames& wanted)> look;
    std::shared_ptr<Store> store;  ///< null: no state is configured
    Fetch fetch = sidecar::fetch;
    std::function<sidecar::Now()> clocks = sidecar::read_clocks;
};

class Agent {
public:
    explicit Agent(Ports ports);
    ~Agent();

    /// Takes these rules and receivers from now on. Alerts of rules that stay keep their state.
    /// `keep`: for how long resolved ones are remembered.
    void configure(const config::Alerts& alerts, std::chrono::milliseconds keep);

    const config::Alerts& settings() const noexcept { return settings_; }
    const Book& book() const noexcept { return book_; }
    const std::vector<Silence>& silences() const noexcept { return silences_; }
    const Heartbeat::Report& heartbeat() const noexcept { return heartbeat_.report(); }
    std::vector<Courier::Report> receivers() const { return courier_.report(); }
    std::int64_t unix_ms() const { return ports_.clocks().unix_ms; }

    /// The silence that covers it for longest; null: none.
    const Silence* silence_of(const Alert& alert) const;

    void silence(Silence silence, std::function<void(Result<Silence>)> done);
    /// False: there is no such silence.
    bool unsilence(std::int64_t id, std::function<void(Result<void>)> done);
    /// False: there is no such receiver.
    bool test(const std::string& receiver, std::function<void(const Attempt&)> done);

    /// Keeps what is not kept yet, and starts nothing any more. False: that took longer than
    /// `limit`.
    bool finish(std::chrono::milliseconds limit);

private:
    void tick();
    bool is_ready();
    void load();
    void take(Store::Kept kept);
    void watch(sidecar::Now now);
    void deliver(std::int64_t now_ms);
    void keep_changes();
    void look_after_store(std::int64_t now_ms);
    std::string why_not(const Error& error);

    Ports ports_;
    sidecar::Timer timer_;
    config::Alerts settings_;
    std::chrono::milliseconds keep_{0};
    MetricNames wanted_;
    MetricNames growing_;  ///< of these, those whose growth a rule is on
    Book book_;
    Growth growth_;
    Windows windows_;
    std::vector<Silence> silences_;
    std::int64_t next_silence_ = 1;  ///< id, where there is no store
    sidecar::Now started_;
    bool loading_ = false, loaded_ = false, saving_ = false;
    bool stopped_ = false;
    bool store_failed_ = false;      ///< and it was said
    std::int64_t cleaned_ms_ = 0;    ///< Unix time
    std::int64_t refreshed_ms_ = 0;  ///< Unix time; of silences
    Courier courier_;
    Heartbeat heartbeat_;
    sidecar::Pool pool_{"alerts-state", 1};  // last: its thread ends before what it works on goes
};

}  // namespace gatehouse::alerts
