// Takes away what is older than the configuration says, a few rows at a time.
//
// Every batch is a transaction of its own, so nobody waits longer than for one; between two of them
// others have the database to themselves.
//
// Thread safety: none; every call of batch() blocks.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "sidecar/base/sql_database.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::history {

class Cleanup {
public:
    /// `running`: regions of every nginx there is, whose counters are needed; nothing: not known.
    void begin(const config::History& keep, std::int64_t now_s,
               std::optional<std::set<std::string>> running);

    bool done() const noexcept { return tasks_.empty(); }

    /// Goes on. Returns how many rows it has taken away. REQUIRES: not done.
    Result<std::size_t> batch(sidecar::SqlDatabase& database);

    /// Rows of one batch.
    static constexpr std::int64_t most_rows = 100;

private:
    struct Task {
        enum class Kind : std::uint8_t { results, names, steps, regions, region };
        Kind kind;
        std::string table{};   ///< of names and steps
        std::string column{};  ///< what the steps are of
        std::string name{};    ///< of steps: the endpoint or check; of region: its own
        std::int64_t step_s = 0;
        std::int64_t before_s = 0;
    };

    Result<bool> expand(sidecar::SqlDatabase& database, const Task& task);

    std::deque<Task> tasks_;
    std::optional<std::set<std::string>> running_;
};

}  // namespace gatehouse::history
