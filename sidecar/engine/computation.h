// One card's computation on one connection.
#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "sidecar/engine/instance.h"
#include "sidecar/engine/interrupter.h"
#include "sidecar/engine/query.h"
#include "src/base/result.h"

namespace gatehouse::engine {

class Computation {
public:
    /// REQUIRES: the arguments outlive this object.
    Computation(const Connection& connection, const config::Engine& limits,
                const config::Card& card, std::span<const sidecar::Relation> relations,
                std::stop_token stop);

    Result<sidecar::Table> run();

private:
    Result<void> create_views();
    Result<void> create_view(const sidecar::Relation& relation);
    Result<sidecar::Table> collect(Query query);
    Result<void> check_size(std::uint64_t rows, std::uint64_t bytes) const;

    /// DuckDB's message as ours, with the remedy where there is one.
    Error explained(const std::string& message) const;
    Error blamed(const sidecar::Relation& relation, const std::string& message) const;
    Error too_much_memory() const;
    Error interrupted() const;
    Error unknown_table(std::string_view name) const;

    const Connection& connection_;
    const config::Engine& limits_;
    const config::Card& card_;
    std::span<const sidecar::Relation> relations_;
    Interrupter interrupter_;
};

}  // namespace gatehouse::engine
