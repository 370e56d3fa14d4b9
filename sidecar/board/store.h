// What is published now: for every card its newest snapshot, since when its data are known to be
// current, and whether they stay so until further notice.
//
// Thread safety: none; lives on the loop. Snapshots themselves may go anywhere.
// Invariant: all snapshots together have at most `memory_limit` bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/board/archive.h"
#include "src/board/published.h"

namespace gatehouse::sidecar {

using Snapshot = std::shared_ptr<const board::Published>;

struct HeldCard {
    Snapshot snapshot;
    std::int64_t verified_at_ms = 0;
    bool current = false;
    std::uint64_t rows = 0;
    board::Basis basis{};
};

/// Hears of every change, after it.
struct BoardListener {
    enum class Change { published, renewed, retracted, stood_by, left, rebased };

    std::function<void(Change change, const std::string& card, const HeldCard& held)> on_change;
};

class BoardStore {
public:
    using Change = BoardListener::Change;

    BoardStore(std::uint64_t memory_limit, BoardListener listener);

    void set_memory_limit(std::uint64_t bytes) noexcept { memory_limit_ = bytes; }

    /// Refuses what would not fit; the message says how much is missing and what to do.
    Result<void> publish(Snapshot snapshot, std::int64_t verified_at_ms);

    /// The card's bytes are known to be current at that time. Time never goes back.
    void renew(const std::string& card, std::int64_t verified_at_ms);

    void stand_by(const std::string& card, bool current);

    /// What the card's bytes were made of. With every publish it is forgotten.
    void rest_on(const std::string& card, std::uint64_t rows, board::Basis basis);

    void retract(const std::string& card);

    /// The snapshot of a card, or null.
    Snapshot held(const std::string& card) const;
    const std::map<std::string, HeldCard>& cards() const noexcept { return cards_; }

    std::uint64_t bytes() const noexcept { return bytes_; }
    std::uint64_t generation() const noexcept { return generation_; }

    /// For the board file.
    board::Archive archive(std::int64_t now_ms) const;

private:
    std::uint64_t memory_limit_;
    BoardListener listener_;
    std::map<std::string, HeldCard> cards_;
    std::uint64_t bytes_ = 0;
    std::uint64_t generation_ = 0;
};

/// Hands out generations: one more each time, and more than any sidecar before handed out.
class Generations {
public:
    /// `archived`: the highest known from before. Unix milliseconds at start outrun what a sidecar
    /// whose board file is lost may have handed out: nobody publishes a thousand times a second.
    Generations(std::uint64_t archived, std::int64_t started_unix_ms) noexcept;

    /// Thread safety: any thread.
    std::uint64_t next() noexcept { return next_.fetch_add(1, std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> next_;
};

}  // namespace gatehouse::sidecar
