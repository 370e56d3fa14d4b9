// What is still to be sent to one worker, conflated: a worker that falls behind gets the newest
// snapshot of each card, not all of them.
//
// Thread safety: none.
// Invariants
//   1. At most one message per card and per table waits, and it is the newest: memory is bounded by
//   the board's size.
//   2. Messages about different cards keep the order in which their cards first came up; `synced`
//   stays
//      behind all that were there before it.
//   3. A table goes behind all tables that were there before it: it may build on them.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "src/board/published.h"
#include "src/board/table.h"
#include "src/link/protocol.h"

namespace gatehouse::sidecar {

using Snapshot = std::shared_ptr<const board::Published>;

struct Letter {
    link::Type type;
    std::string name;  ///< of the card or the table
    std::uint64_t generation = 0;
    std::int64_t at_ms = 0;
    Snapshot snapshot = nullptr;                          ///< of a publish
    std::shared_ptr<const SealedMemory> table = nullptr;  ///< of a table

    int fd() const noexcept { return snapshot ? snapshot->fd() : table ? table->fd() : -1; }
};

class Outbox {
public:
    void publish(const std::string& card, Snapshot snapshot, std::int64_t verified_at_ms);
    void renew(const std::string& card, std::uint64_t generation, std::int64_t verified_at_ms);
    void keep(const std::string& card);
    void retract(const std::string& card);
    void table(const board::Table& table);
    void synced(std::uint64_t generation);
    void beat(std::int64_t now_ms, std::uint64_t audit_dropped);

    bool empty() const noexcept { return letters_.empty(); }
    std::size_t size() const noexcept { return letters_.size(); }

    /// REQUIRES: not empty().
    const Letter& front() const noexcept { return letters_.front(); }
    void pop();

private:
    void put(Letter letter);

    std::list<Letter> letters_;
    /// By card, by table with a "table " before its name, which no card has; "" is the beat.
    std::unordered_map<std::string, std::list<Letter>::iterator> by_subject_;
};

}  // namespace gatehouse::sidecar
