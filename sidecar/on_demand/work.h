// What the on-demand agent needs done elsewhere: it knows neither engine nor board nor HTTP.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "sidecar/on_demand/question.h"
#include "src/board/published.h"

namespace gatehouse::on_demand {

using Snapshot = std::shared_ptr<const board::Published>;

/// Why there is no answer, as HTTP says it. A 4xx is the question's fault and stays true until the
/// data change; anything else is ours.
struct Failure {
    int status = 500;
    std::string detail;
    std::vector<InvalidParam> invalid = {};
};

struct Computed {
    Snapshot snapshot;
    std::uint64_t rows = 0;
    std::vector<sidecar::Column> columns = {};
};

struct Attempt {
    std::variant<Computed, Failure> result;
    /// Whether the answer is still what the card's sources give. Blocks; for the pool. Null: only
    /// computing it anew can tell.
    std::function<bool()> sources_unchanged;
};

/// Answers a question by computing. Blocks; for the pool.
using Compute = std::function<Attempt(const config::Card& card, const Question& question,
                                      const std::stop_token& stop)>;

/// The answer with the encodings that make it smaller, or null. Blocks; for the pool.
using Compress = std::function<Snapshot(const config::Card& card, const Snapshot& plain)>;

/// What whoever asked is told.
struct Reply {
    enum class How : std::uint8_t {
        hit,       ///< it was there
        computed,  ///< for this request
        joined,    ///< for another one that asked the same
        stale,     ///< it was there, and cannot be computed anew: `failure` says why
        failed,    ///< there is no snapshot
    };

    How how = How::failed;
    Snapshot snapshot;
    std::int64_t verified_at_ms = 0;  ///< Unix
    std::int64_t ttl_ms = 0;          ///< left until it is looked at anew; negative when stale
    bool kept = true;                 ///< the next one to ask may be answered from memory
    Failure failure;
};

using Waiter = std::function<void(const Reply&)>;

}  // namespace gatehouse::on_demand
