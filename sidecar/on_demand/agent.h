// The on-demand agent: answers questions that nobody foresaw, each computed once however many ask
// (single flight), keeps the answers within bounds, and hands them to whoever publishes. Most of
// what is asked for once is never asked for again: only then is an answer compressed, and in a
// flood of questions only then does it go to the workers.
//
// Thread safety: none; lives on the loop. Only Compute, Compress and sources_unchanged run on the
// pool.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sidecar/base/clock.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/repeats.h"
#include "sidecar/on_demand/variants.h"
#include "src/base/allowance.h"

namespace gatehouse::on_demand {

/// The agent's ways out, wired by the daemon.
struct Ports {
    sidecar::Loop& loop;
    /// Runs what blocks for a card on some thread.
    std::function<void(const config::Card& card, std::function<void()> task)> run;
    std::function<void(const Snapshot& snapshot, std::int64_t verified_at_ms)> publish;
    std::function<void(const Snapshot& snapshot, std::int64_t verified_at_ms)> renew;
    std::function<void(const Snapshot& snapshot)> retract;
};

/// A card's variants as a person wants to see them.
struct Report {
    std::size_t variants = 0;
    std::size_t computing = 0;
    std::uint64_t bytes = 0;
    std::uint64_t computed = 0;  ///< since the start
    std::uint64_t joined = 0, refused = 0, failed = 0;
    std::string error;                          ///< of the last failure that was ours
    std::vector<sidecar::Column> columns = {};  ///< of the last result; empty: none is known
};

/// How questions about a card have ended, since it is known.
struct Counts {
    std::uint64_t computed = 0, joined = 0, refused = 0, failed = 0;
    std::int64_t duration_ms = 0;  ///< of the last computation, good or bad
    std::string error;
    std::vector<sidecar::Column> columns;
};

class Agent {
public:
    explicit Agent(Ports ports);
    ~Agent();

    /// Takes these cards from now on; what was kept of those that `changed` names, or that are
    /// gone, is dropped.
    void configure(std::map<std::string, config::Card> cards, const std::set<std::string>& changed,
                   const config::OnDemandLimits& limits, Compute compute, Compress compress);

    /// Calls `waiter` once, now or later. REQUIRES: the card is one of those configured.
    void ask(const std::string& card, Question question, Waiter waiter);

    /// Something happened near a source's files, or a card was computed anew: what is kept of cards
    /// that read it is looked at again before it is served.
    void source_changed(const std::string& source);

    /// Forgets what is kept of a card. Returns how many answers that were.
    std::size_t refresh(const std::string& card);

    /// Generations that workers have served.
    void touched(std::span<const std::uint64_t> generations);

    /// What is published now: for a worker that connects.
    template <class Visit>
    void for_each_published(const Visit& visit) const
    {
        variants_.for_each([&](const Variant& variant) {
            if (variant.published) {
                visit(variant.snapshot, variant.verified_at_ms);
            }
        });
    }

    Report report(const std::string& card) const;

    /// Of one that nobody has asked about: zeros.
    const Counts& counts(const std::string& card) const;

    void stop();

private:
    bool answer_from_memory(Variant& variant, const Waiter& waiter);
    void start(Variant& variant);
    void on_done(const std::string& key, unsigned version, bool renewed, Attempt attempt,
                 sidecar::Now started);
    void accept(Variant& variant, Computed computed, std::int64_t verified_at_ms);
    void keep_fresh(Variant& variant);
    void publish(Variant& variant);
    void compress(Variant& variant);
    void on_compressed(const std::string& key, const Snapshot& plain, Snapshot compressed);
    void reject(Variant& variant, Failure failure);
    void answer(Variant& variant);
    Reply reply_of(const Variant& variant, Reply::How how) const;
    config::Milliseconds ttl_of(const config::Card& card) const;

    Ports ports_;
    std::map<std::string, std::shared_ptr<const config::Card>> cards_;
    std::map<std::string, Counts> counts_;
    config::OnDemandLimits limits_;
    Compute compute_;
    Compress compress_;
    Allowance unasked_;  ///< published before they were asked for twice
    Variants variants_;
    std::size_t in_flight_ = 0;
    unsigned version_ = 0;
    std::stop_source stop_;
    bool stopped_ = false;
    sidecar::Repeats repeats_{60'000};
};

}  // namespace gatehouse::on_demand
