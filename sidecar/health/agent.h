// The checks agent: has every check run when it is due, a bounded number at once, and makes of the
// results what nginx answers.
//
// - A check whose dependency is down is not run, and is neither up nor down; once the dependency is
//   back it runs at once, and is unknown until then.
// - A run that does not end in time counts as failed, whatever holds it; another may begin in its
//   place, but none of the same check.
// - Critical checks begin first, and one place is theirs alone; those that hang hold half.
// - What is good is so for as long as its next run may take to come in; then it is unknown.
// - What changes a state is told at once, or a tenth of a second after what was told before;
//   everything else once a second.
//
// Thread safety: none; lives on the loop. Only runs of checks happen on threads of their own.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/cron.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/turns.h"
#include "sidecar/health/answers.h"
#include "sidecar/health/kinds.h"
#include "sidecar/health/run_threads.h"
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
    /// Another sidecar was here before: what nginx says by it stands until critical checks have
    /// run.
    bool resumes = false;
    /// What a run may take beyond its timeout: to be stopped, and to be heard of.
    std::chrono::milliseconds end_slack{3000};
    /// For so long, beyond its timeout, a check that is due may wait until it is run.
    std::chrono::milliseconds wait_slack{10'000};
};

class Agent {
public:
    explicit Agent(Ports ports);
    ~Agent();

    /// Takes these checks from now on. Those that look at the same thing as before keep their
    /// state, and run at once where anything else of them has changed.
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

    using Due = std::set<std::pair<std::int64_t, std::string>>;  ///< steady ms, name

    EntryPtr taken_over(const config::Check& check);
    void arm();
    void start_due();
    void start_waiting();
    EntryPtr next_in_turn();
    void start(const EntryPtr& entry);
    void watch();
    void give_up(const EntryPtr& entry);
    void on_end(const EntryPtr& entry, const Measurement& found);
    void take(const EntryPtr& entry, Measurement found);
    static void answer_waiters(Entry& entry);
    void schedule(const EntryPtr& entry, std::int64_t wait_ms);
    void run_soon(const EntryPtr& entry);
    void find_waiting();
    static void judge_while_resuming(Report& report);
    CheckReport report_of(const Entry& entry, std::int64_t steady_ms) const;
    bool is_excused(const Entry& entry, std::int64_t unix_ms) const;
    void tell_soon();
    void tell_change();
    void tell();

    Ports ports_;
    sidecar::Timer timer_;
    sidecar::Timer tell_timer_;
    sidecar::Timer watch_timer_;
    config::Health health_;
    std::string version_;
    Profiles profiles_;
    std::map<std::string, EntryPtr> entries_;
    Due due_;
    std::list<EntryPtr> waiting_;  ///< due, in the order in which they became so
    std::set<EntryPtr> running_;   ///< on a thread, also those that are given up and forgotten
    sidecar::Turns turns_;
    unsigned given_up_ = 0;  ///< runs that hang and whose place was given to others
    bool cold_;              ///< all has not been well yet
    bool resuming_;          ///< critical checks have not all run since a restart
    State told_ = State::unknown;
    std::int64_t told_at_ms_ = 0;  ///< steady
    std::int64_t started_at_ms_;
    bool stopped_ = false;
    RunThreads threads_;  // last: they end before what they work on goes
};

}  // namespace gatehouse::checks
