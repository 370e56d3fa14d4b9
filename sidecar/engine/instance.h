// One DuckDB instance, locked to a set of files.
//
// Thread safety: connect may be called by any thread.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "sidecar/config/types.h"
#include "sidecar/engine/duckdb.h"
#include "sidecar/engine/held_rows.h"
#include "src/base/result.h"

namespace gatehouse::engine {

class Instance {
public:
    /// From here on nothing can change its settings or the files it may open.
    static Result<std::shared_ptr<const Instance>> open(const config::Engine& limits,
                                                        std::set<std::string> files);

    Result<Connection> connect() const;

    const std::set<std::string>& files() const noexcept { return files_; }

    /// The tables in memory that its connections read.
    HeldRows& held_rows() const noexcept { return *held_rows_; }

private:
    Instance(Database database, std::set<std::string> files)
        : database_(std::move(database)), files_(std::move(files))
    {
    }

    std::unique_ptr<HeldRows> held_rows_ = std::make_unique<HeldRows>();
    Database database_;
    std::set<std::string> files_;
};

/// Runs one statement of our own for its effect; the error's message is DuckDB's.
Result<void> execute(const Connection& connection, const std::string& sql);

}  // namespace gatehouse::engine
