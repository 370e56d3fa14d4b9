// The checks agent: has every check run when it is due, a bounded number at once, and makes of the
// results what nginx answers.
//
// A check whose dependency is down is not run, and is neither up nor down. What changes a state is
// told at once, or a tenth of a second after what was told before; everything else once a second.
//
// Thread safety: none; lives on the loop. Only runs of checks happen on the pool.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/cron.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/health/answers.h"
#include "sidecar/health/kinds.h"
#include "sidecar/health/steadiness.h"

namespace gatehouse::checks {

/// The agent's ways out, wired by the daemon.
struct Ports {
    sidecar::Loop& loop;
    /// A check that is_held(): on the loop, without blocking.
    std::function<Measurement(const config::Check& check)> look;
    AskDatabase ask;
    /// The answers as they are now, and as they are while the sidecar is away.
    std::function<void(const health::TableSpec& now)> publish;
    std::function<void(const health::TableSpec& away)> publish_away;
    /// How things stand that others check and that belong to the whole.
    std::function<std::vector<CheckReport>()> others;
    /// A check has run.
    std::function<void(const CheckReport& report)> has_run;
};

class Agent {
public:
    Agent(Ports ports, unsigned workers);
    ~Agent();

    /// Takes these checks from now on. Those whose definition stays keep their state.
    void configure(const std::map<std::string, config::Check>& checks, const config::Health& health,
                   const std::string& version);

    Report report() const;

    /// Something has changed that others check.
    void hear_of_others() { tell_soon(); }

    /// Runs the check now, or all for an empty name; `done` when their results are there, or it is
    /// known that they wait for another check. False: no such check.
    bool run_now(const std::string& check, std::function<void()> done);

    /// Starts nothing any more. False: runs took longer than `limit` to end.
    bool stop(std::chrono::milliseconds limit);

private:
    struct Entry;
    using EntryPtr = std::shared_ptr<Entry>;

    void arm();
    void start_due();
    void start(const EntryPtr& entry);
    void on_result(const EntryPtr& entry, Measurement found);
    static void answer_waiters(Entry& entry);
    void schedule(const EntryPtr& entry, std::int64_t wait_ms);
    void find_waiting();
    bool is_excused(const Entry& entry, std::int64_t unix_ms) const;
    void tell_soon();
    void tell_change();
    void tell();

    Ports ports_;
    sidecar::Timer timer_;
    sidecar::Timer tell_timer_;
    config::Health health_;
    std::string version_;
    Profiles profiles_;
    std::map<std::string, EntryPtr> entries_;
    std::set<std::pair<std::int64_t, std::string>> due_;  ///< steady ms, name
    State told_ = State::unknown;
    std::int64_t told_at_ms_ = 0;  ///< steady
    std::int64_t started_at_ms_;
    bool stopped_ = false;
    sidecar::Pool pool_;  // last: its threads end before what they work on goes
};

}  // namespace gatehouse::checks
