// Datasets of runs in the state's database: SQLite or PostgreSQL, by the same SQL.
//
// Invariants: the runs of a dataset have the same columns; the id of a run is never another's.
// Thread safety: any function may be called by any thread; one at a time works. All of them block.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/dataset_manifest.h"
#include "sidecar/base/sql_session.h"
#include "sidecar/datasets/order.h"
#include "sidecar/datasets/outcome.h"

namespace gatehouse::datasets {

struct Run {
    std::int64_t id = 0;
    RunHead head;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

/// A run that is to be kept.
struct NewRun {
    RunHead head;
    sidecar::SqlColumns columns;
    std::uint64_t rows = 0;
    std::string data;  ///< sidecar/base/table_bytes.h
};

class RunStore {
public:
    explicit RunStore(sidecar::SqlSession::Connect connect) : session_(std::move(connect)) {}

    struct Known {
        sidecar::SqlColumns columns;  ///< empty: there was no run yet
        std::int64_t revision = 0;
        std::int64_t updated_ms = 0;
    };
    Outcome<Known> known(const std::string& dataset);

    /// What was answered to an upload with this key; nothing: there was none.
    Outcome<std::optional<std::string>> recall(const Order& order, const std::string& digest,
                                               std::int64_t now_ms);

    /// All or nothing. Answers with the JSON that `recall` will. 409 where the columns have come to
    /// be others meanwhile.
    Outcome<Done> add(const Order& order, const NewRun& run, const std::string& digest,
                      std::int64_t now_ms);

    /// All of them, the newest first, or one, if it is there.
    Outcome<std::vector<Run>> runs(const std::string& dataset, std::optional<std::int64_t> run);

    /// The kept rows of one run, or of all, by id. A run that is not there has none.
    struct Rows {
        std::int64_t run;
        std::string data;
    };
    Outcome<std::vector<Rows>> rows(const std::string& dataset, std::optional<std::int64_t> run);

    /// All runs, or one. False: there was nothing.
    Outcome<bool> drop(const std::string& dataset, std::optional<std::int64_t> run,
                       std::int64_t now_ms);

private:
    Result<Done> add_in(sidecar::SqlDatabase& database, const Order& order, const NewRun& run,
                        const std::string& digest, std::int64_t now_ms);

    std::mutex mutex_;
    sidecar::SqlSession session_;
};

}  // namespace gatehouse::datasets
