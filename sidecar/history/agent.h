// The history agent: reads nginx's counters once a second, takes in results of checks, and writes
// both to the state's database every ten seconds, results that tell of another state at once.
//
// What cannot be written is not lost: traffic stays in nginx's counters, results in memory, as many
// as ResultLog holds.
//
// Thread safety: none; lives on the loop. The database is written on a thread of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sidecar/base/clock.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/repeats.h"
#include "sidecar/config/types.h"
#include "sidecar/history/book.h"
#include "sidecar/history/cleanup.h"
#include "sidecar/history/meter.h"
#include "sidecar/history/results.h"
#include "sidecar/history/store.h"
#include "src/base/shared_memory.h"

namespace gatehouse::history {

using Region = std::shared_ptr<const SharedMemory>;

/// The agent's ways out, wired by the daemon.
struct Ports {
    sidecar::Loop& loop;
    /// The telemetry of every nginx that is connected.
    std::function<std::vector<Region>()> regions;
    Connect connect;  ///< empty: no state is configured
    /// Once a second, when the book has what there is.
    std::function<void()> looked;
};

class Agent {
public:
    Agent(Ports ports, std::shared_ptr<Book> book);
    ~Agent();

    void start();
    void configure(const config::History& keep) { keep_ = keep; }

    /// One run of a check.
    void take(CheckResult result);

    /// The book is as complete as it will be for now: what there was before has been found, or it
    /// is known that the database cannot be read.
    bool settled() const noexcept { return settled_; }

    /// Writes what is not written yet. False: that took longer than `limit`. REQUIRES: the loop
    /// does not run any more.
    bool stop(std::chrono::milliseconds limit);

    /// For so long an nginx that is not connected any more is still read: its last workers may be.
    static constexpr std::int64_t lingering_ms = 60'000;

private:
    struct Known {
        Region memory;
        std::int64_t seen_ms;  ///< steady
    };

    void tick();
    void look(sidecar::Now now);
    void read_all();
    void note(const Counters& counters);
    void write();
    void find_out();
    void on_readings(const Result<Readings>& readings);
    void on_written(const Result<void>& traffic, const Store::Outcome& results,
                    UnwrittenResults taken, std::int64_t until_s);
    void clean();
    std::optional<std::set<std::string>> running() const;
    void on_cleaned(const Result<std::size_t>& rows, std::chrono::milliseconds took);
    void say(const std::string& error);
    void note_lost();

    Ports ports_;
    std::shared_ptr<Book> book_;
    config::History keep_;
    std::map<std::string, Known> known_;  ///< by the region's name
    Meter live_;                          ///< what came since the last look
    Meter kept_;                          ///< what came since the database was written
    Unwritten unwritten_;
    ResultLog results_;
    std::uint64_t lost_ = 0;  ///< results and steps of checks, while the database is away
    bool in_step_ = false;    ///< kept_ goes on from what the database has
    std::int64_t in_step_since_s_ = 0;
    bool writing_ = false;
    bool write_again_ = false;  ///< a check has turned over meanwhile
    bool settled_ = false;
    unsigned failures_ = 0;  ///< before it was settled
    std::int64_t started_s_ = 0;
    std::int64_t now_s_ = 0;
    std::int64_t written_until_s_ = 0;
    Cleanup cleanup_;
    sidecar::Repeats repeats_{60'000};
    sidecar::Timer timer_;
    sidecar::Timer cleanup_timer_;

    Store store_;                       // belongs to the thread of
    sidecar::Pool pool_{"history", 1};  // this, which ends first
};

}  // namespace gatehouse::history
