// What is remembered, as cards read it: the last minutes out of memory, the rest out of the state's
// database.
//
// Only finished steps are read: what is read of a step once does not change any more.
//
// Thread safety: all of it, one reader of the database at a time. What reads the database blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/sql_database.h"
#include "sidecar/config/types.h"
#include "sidecar/history/recent.h"
#include "sidecar/history/results.h"
#include "sidecar/history/store.h"
#include "src/base/result.h"

namespace gatehouse::history {

struct TrafficRow {
    std::int64_t at_s = 0;  ///< the step's beginning
    std::string endpoint;
    Traffic traffic;
};

struct CheckRow {
    std::int64_t at_s = 0;
    std::string metric;
    CheckStep results;
};

using Names = std::vector<std::string>;

class Book {
public:
    /// Without `connect` there is only what memory holds.
    explicit Book(Connect connect) : connect_(std::move(connect)) {}

    // --- for the agent ---
    void remember(std::int64_t at_s, const ByEndpoint& traffic);
    void memory_is_complete_until(std::int64_t until_s);
    void database_is_complete_until(std::int64_t until_s);
    void results_were_written();

    // --- for readers ---
    /// Another one whenever reading the source would give something else.
    std::string mark(const config::HistorySource& source) const;

    /// By endpoint, then by time. `only`: endpoints or checks; empty: all.
    Result<std::vector<TrafficRow>> traffic(const config::HistorySource& source,
                                            const Names& only = {});
    Result<std::vector<CheckRow>> checks(const config::HistorySource& source,
                                         const Names& only = {});
    /// By time.
    Result<std::vector<CheckResult>> results(const config::HistorySource& source);

private:
    struct Span {
        std::int64_t from_s, until_s;
    };
    bool in_memory(const config::HistorySource& source) const;
    std::int64_t finished(const config::HistorySource& source) const;
    Span span(const config::HistorySource& source) const;
    std::vector<TrafficRow> remembered(const config::HistorySource& source,
                                       const Names& only) const;

    template <class Read>
    auto read(Read read) -> decltype(read(std::declval<sidecar::SqlDatabase&>()));

    Connect connect_;

    mutable std::mutex mutex_;  // of these
    Recent recent_;
    std::int64_t memory_until_s_ = 0;
    std::int64_t database_until_s_ = 0;
    std::uint64_t results_version_ = 0;

    std::mutex reading_;  // of this
    std::unique_ptr<sidecar::SqlDatabase> database_;
};

}  // namespace gatehouse::history
