// The variants that are kept: what was answered to which question, the one asked for longest ago at
// the end.
//
// Thread safety: none; lives on the loop.
// Invariants
//   1. Snapshots together have at most `bytes`, variants are at most `count`: both bounds hold
//   after
//      every trim(), which spares variants that are being computed.
//   2. Every snapshot's generation leads to its variant.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sidecar/on_demand/work.h"

namespace gatehouse::on_demand {

struct Variant {
    std::string card;
    Question question;
    Snapshot snapshot;                ///< null: nothing to answer with
    std::int64_t verified_at_ms = 0;  ///< Unix
    std::int64_t fresh_until_ms = 0;  ///< steady
    std::function<bool()> sources_unchanged;
    std::optional<Failure> failure;    ///< of the last computation
    std::int64_t failed_until_ms = 0;  ///< steady; until then it is not tried again
    bool computing = false;
    bool overtaken = false;   ///< a source has changed since that computation began
    bool published = false;   ///< workers have the snapshot
    bool compressed = false;  ///< as far as that gains anything, or it is about to be
    std::uint64_t rows = 0;
    std::vector<Waiter> waiters;
};

class Variants {
public:
    using Withdraw = std::function<void(const Variant&)>;

    /// `withdraw` hears of each published snapshot that workers must not have any more.
    explicit Variants(Withdraw withdraw) : withdraw_(std::move(withdraw)) {}

    void set_bounds(std::uint64_t bytes, std::size_t count);

    /// The variant of that card and key, made if it is not there, and the latest asked for. Its
    /// address holds until it is dropped.
    Variant& ask(const std::string& card, Question question);

    /// Or nullptr.
    Variant* find(const std::string& key);

    /// REQUIRES: `variant` is one of these.
    void set_snapshot(Variant& variant, Snapshot snapshot);

    /// Takes it from workers if they have it; it is kept.
    void withdraw(Variant& variant);

    /// Takes it from workers if they have it, and forgets it.
    void release_snapshot(Variant& variant);

    /// A worker has served that generation. Returns whose it is; null: it is not kept any more.
    Variant* touch(std::uint64_t generation);

    /// Drops what is beyond the bounds, those asked for longest ago first.
    void trim();

    /// Drops those of one card, or all that the predicate names; not those being computed, whose
    /// snapshots go all the same.
    void drop_if(const std::function<bool(const Variant&)>& predicate);

    /// Takes their snapshots from workers; they are kept for when no better ones can be had.
    void expire_if(const std::function<bool(const Variant&)>& predicate, std::int64_t now_ms);

    template <class Visit>
    void for_each(const Visit& visit) const
    {
        for (const Variant& variant : order_) {
            visit(variant);
        }
    }

    std::uint64_t bytes() const noexcept { return bytes_; }
    std::size_t count() const noexcept { return order_.size(); }

private:
    using Order = std::list<Variant>;

    Order::iterator drop(Order::iterator position);

    Withdraw withdraw_;
    std::uint64_t most_bytes_ = 0;
    std::size_t most_ = 0;
    Order order_;  // the latest asked for first
    std::unordered_map<std::string, Order::iterator> by_key_;
    std::unordered_map<std::uint64_t, Order::iterator> by_generation_;
    std::uint64_t bytes_ = 0;
};

}  // namespace gatehouse::on_demand
