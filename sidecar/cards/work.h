// What the cards agent needs done elsewhere: it knows neither engine nor board nor link.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"
#include "src/board/archive.h"
#include "src/board/published.h"

namespace gatehouse::sidecar {

using Snapshot = std::shared_ptr<const board::Published>;

/// A computation's result. Without a snapshot its bytes are those already held.
struct Product {
    Snapshot snapshot;
    std::uint64_t rows = 0;
    std::vector<Column> columns = {};
    board::Basis basis{};
};

/// Data from before this process that are what a computation would give now.
struct Kept {
    std::int64_t verified_at_ms = 0;
    std::uint64_t rows = 0;
    std::function<bool()> sources_unchanged = {};  ///< as in Attempt
};

/// One computation, whatever came of it.
struct Attempt {
    Result<Product> result;
    /// Whether the card's sources are still what they were when it began. Blocks; for the pool.
    std::function<bool()> sources_unchanged;
    /// Not empty: the result is not compressed yet. Makes the one that is. Blocks; for the pool.
    std::function<Result<Product>()> compress = {};
};

/// Computes a card. `held` is what is published now, or null. Blocks; for the pool.
using Compute =
    std::function<Attempt(const config::Card& card, const Snapshot& held, std::stop_token stop)>;

/// How one computation ended, for whoever asked for it.
struct Outcome {
    bool ok = false;
    std::string error;             ///< why not
    std::uint64_t generation = 0;  ///< served now; 0: none
    bool changed = false;          ///< the bytes differ from before
    std::uint64_t rows = 0;
    std::int64_t duration_ms = 0;
};

/// How a card's computations have ended, since it is known.
struct RefreshCounts {
    std::uint64_t published = 0;  ///< there was something new
    std::uint64_t unchanged = 0;  ///< the same bytes as before
    std::uint64_t failed = 0;
    std::int64_t duration_ms = 0;  ///< of the last one
};

/// A card as a person wants to see it; what the board holds is told elsewhere.
struct CardReport {
    std::string name;
    bool computing = false;
    bool failing = false;
    std::string error;  ///< of the last computation, if it failed
    std::int64_t failing_since_ms = 0;
    unsigned failures = 0;
    std::uint64_t computations = 0;  ///< that ended, since the start
    bool restored = false;           ///< its data are from before the start, and are good
    std::uint64_t rows = 0;
    std::int64_t duration_ms = 0;  ///< of the last computation
    std::optional<std::int64_t> next_ms;
    std::vector<Column> columns = {};  ///< of the last result; empty: none is known
};

}  // namespace gatehouse::sidecar
