// The cards agent: has every card computed when its refresh says so, one computation of a card at a
// time, and keeps what was last good when a computation fails.
//
// A card that reads other cards waits for those of them, however deep, that are due or under way,
// for one run of each: so what changes at the bottom is computed once in every card above. Those
// with refresh on_change are looked at again after each run of a card they read.
//
// An event costs what it concerns, however many cards there are: who is due stands in the order of
// time.
//
// Thread safety: none; lives on the loop. Only Compute and sources_unchanged run on other threads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/loop.h"
#include "sidecar/base/repeats.h"
#include "sidecar/cards/lateness.h"
#include "sidecar/cards/schedule.h"
#include "sidecar/cards/work.h"

namespace gatehouse::sidecar {

/// Runs what blocks for a card on some thread.
using RunFor = std::function<void(const config::Card& card, std::function<void()> task)>;

/// The agent's ways out, wired by the daemon.
struct CardPorts {
    Loop& loop;
    RunFor compute;
    RunFor verify;  ///< quick; apart, so that long computations do not let data go stale
    std::function<Snapshot(const std::string& card)> held;
    /// Fails when the board has no room; what was published before then stays.
    std::function<Result<void>(Snapshot snapshot, std::int64_t verified_at_ms)> publish;
    std::function<void(const std::string& card, std::int64_t verified_at_ms)> renew;
    /// What the card's bytes, published or renewed, were made of.
    std::function<void(const std::string& card, const Product& product)> rest_on;
    /// Whether the agent stands by a card's data as current.
    std::function<void(const std::string& card, bool current)> stand_by;
    /// A card has its first outcome, good or bad.
    std::function<void(const std::string& card)> settled;
};

class CardAgent {
public:
    using Waiter = std::function<void(const Outcome&)>;

    struct Run;  ///< in run.h

    explicit CardAgent(CardPorts ports);
    ~CardAgent();

    /// These data need not be computed when their cards are taken first.
    void keep(std::map<std::string, Kept> cards);

    /// Takes these cards from now on. Those that are new, that `changed` names or whose definition
    /// differs are computed at once; the others keep their schedule. Those left out are forgotten.
    void configure(std::map<std::string, config::Card> cards, const std::set<std::string>& changed,
                   Compute compute);

    /// Computes no card that reads one of these before source_settled: what they hold is on its
    /// way.
    void await_sources(std::set<std::string> sources);
    void source_settled(const std::string& source);

    /// Something happened near a source's files.
    void source_changed(const std::string& source);

    /// The board has room again, or more of it: computes the cards that it refused.
    void room_freed();

    /// Computes the card now, or once more after the run under way; first those that it reads.
    /// False: no such card.
    bool refresh(const std::string& card, Waiter waiter);

    /// Whether the card had its first outcome, or something to serve from the start.
    bool has_settled(const std::string& card) const;

    std::vector<CardReport> report() const;

    /// By card.
    std::map<std::string, RefreshCounts> counts() const;

    const Lateness& lateness() const noexcept { return lateness_; }

    /// Starts nothing any more; `interrupt` also has running computations end early.
    void stop(bool interrupt);

private:
    using RunPtr = std::shared_ptr<Run>;
    using Due = std::optional<std::int64_t>;  ///< steady ms; nothing: not by time

    bool awaits_source(const Run& run) const;
    void resume(Run& run, const Kept& kept, Now now);
    void find_inner();
    void add_reader(const Run& run);
    bool awaits_inner(Run& run, Now now) const;
    void wake_readers(const Run& run);
    void place(const RunPtr& run);
    void want(const RunPtr& run, Work work);
    void arm();
    void start_due();
    std::vector<RunPtr> take_due(Now now);
    void start(const RunPtr& run, Now now);
    void compute(const RunPtr& run, Now now, const Due& due);
    void verify(const RunPtr& run, Now now, const Due& due);
    void note_begin(const Due& due, std::int64_t began_ms);
    void on_verified(const RunPtr& run, bool unchanged, Now started);
    void on_computed(const RunPtr& run, Attempt attempt, Now started);
    Outcome accept(Run& run, const Product& product, Now started);
    void on_compressed(const Run& run, const Snapshot& plain, const Result<Product>& product,
                       Now started);
    void fail(Run& run, const std::string& why, Now now);
    void log_failure(Run& run, Now now);

    CardPorts ports_;
    Timer timer_;
    std::map<std::string, RunPtr> runs_;
    std::set<std::pair<std::int64_t, std::string>> due_;  ///< steady ms, of all that do not run
    std::set<std::string> held_up_;                       ///< are due, but wait for others
    std::map<std::string, Kept> kept_;
    std::set<std::string> awaited_;
    Compute compute_;
    Lateness lateness_;
    Repeats repeats_{60'000};
    bool stopped_ = false;
};

/// Whether two definitions give the same card; where it is declared does not matter.
bool same_definition(const config::Card& one, const config::Card& other);

}  // namespace gatehouse::sidecar
