// One card's computation on one connection.
#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "sidecar/base/arguments.h"
#include "sidecar/base/reducer.h"
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
                const config::Card& card, const sidecar::Arguments& arguments,
                std::span<const sidecar::Relation> relations, HeldRows& held_rows,
                std::stop_token stop);
    ~Computation();

    /// `make_reducer`: what takes the rows in; empty: they become a table.
    Result<sidecar::Table> run(const sidecar::MakeReducer& make_reducer = {});

    /// What an internal error of DuckDB did: afterwards it refuses everything on this instance.
    enum class Damage { none, done_here, done_before };
    Damage damage() const noexcept { return damage_; }

private:
    Result<void> create_views();
    Result<void> create_view(const sidecar::Relation& relation);
    Result<void> create_view_of_sql(const sidecar::Relation& relation);
    Result<void> enter_catalog();
    Result<sidecar::Table> collect(Query query);
    Result<sidecar::Table> reduce(Query query, const sidecar::MakeReducer& make_reducer);
    template <class Take>
    Result<void> each_chunk(Query& query, Take take);
    Result<void> check_size(std::uint64_t rows, std::uint64_t bytes) const;

    /// DuckDB's message as ours, with the remedy where there is one.
    Error explained(const std::string& message);
    Error blamed(const sidecar::Relation& relation, const std::string& message);
    Error too_much_memory() const;
    Error interrupted() const;
    Error unknown_table(std::string_view name) const;

    const Connection& connection_;
    const config::Engine& limits_;
    const config::Card& card_;
    const sidecar::Arguments& arguments_;
    std::span<const sidecar::Relation> relations_;
    HeldRows::Lease rows_;
    std::string catalog_;  // our own, where views stand in schemas; empty: none is needed
    Damage damage_ = Damage::none;
    Interrupter interrupter_;
};

}  // namespace gatehouse::engine
