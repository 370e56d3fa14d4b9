// A connection, and what the last computation on it has left for the next one of the same SQL over
// tables of the same columns: its views and its statement, which cost more than many a query.
//
// Thread safety: none; a session belongs to one computation at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"
#include "sidecar/engine/duckdb.h"
#include "sidecar/engine/held_rows.h"
#include "sidecar/engine/instance.h"
#include "sidecar/engine/query.h"
#include "src/base/result.h"

namespace gatehouse::engine {

/// Names of relations, and the columns of each.
using Shape = std::vector<std::pair<std::string, std::vector<sidecar::Column>>>;

/// Empty where a relation is no view of rows held, without a schema: what is prepared over such a
/// one holds once.
Shape shape_of(std::span<const sidecar::Relation> relations);

/// Whether the same statement reads both.
bool are_alike(const Shape& a, const Shape& b);

struct Session {
    static Result<std::unique_ptr<Session>> open(std::shared_ptr<const Instance> instance);

    Session(std::shared_ptr<const Instance> of, Connection made)
        : instance(std::move(of)),
          connection(std::move(made)),
          rows(instance->held_rows(), connection)
    {
    }

    std::shared_ptr<const Instance> instance;
    Connection connection;
    HeldRows::Lease rows;

    /// Set if there is something to go on with.
    std::optional<Query> prepared{};
    std::string sql{};
    Shape shape{};

    /// Computations that it has served. DuckDB keeps some 2.5 KiB of each in the statement.
    unsigned uses = 0;
    static constexpr unsigned most_uses = 16;
};

}  // namespace gatehouse::engine
