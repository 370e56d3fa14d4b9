// One card's computation on one session.
#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "sidecar/base/arguments.h"
#include "sidecar/base/reducer.h"
#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "sidecar/engine/interrupter.h"
#include "sidecar/engine/query.h"
#include "sidecar/engine/session.h"
#include "src/base/result.h"

namespace gatehouse::engine {

class Computation {
public:
    /// REQUIRES: all of it outlives this object. What the session has prepared is for this SQL
    /// over relations alike.
    Computation(Session& session, const config::Engine& limits, const config::Card& card,
                const sidecar::Arguments& arguments, std::span<const sidecar::Relation> relations,
                std::stop_token stop);
    ~Computation();

    /// `make_reducer`: what takes the rows in; empty: they become a table. Leaves in the session
    /// what the next computation can go on with, if that is possible.
    Result<sidecar::Table> run(const sidecar::MakeReducer& make_reducer = {});

    /// What an internal error of DuckDB did: afterwards it refuses everything on this instance.
    enum class Damage { none, done_here, done_before };
    Damage damage() const noexcept { return damage_; }

private:
    Result<void> go_on();
    Result<void> begin();
    bool can_be_repeated() const;
    void leave_prepared();
    Result<void> create_views();
    Result<void> create_view(const sidecar::Relation& relation);
    Result<void> create_view_of_sql(const sidecar::Relation& relation);
    Result<void> enter_catalog();
    Result<sidecar::Table> collect();
    Result<sidecar::Table> reduce(const sidecar::MakeReducer& make_reducer);
    template <class Take>
    Result<void> each_chunk(Take take);
    Result<void> check_size(std::uint64_t rows, std::uint64_t bytes) const;

    /// DuckDB's message as ours, with the remedy where there is one.
    Error explained(const std::string& message);
    Error blamed(const sidecar::Relation& relation, const std::string& message);
    Error too_much_memory() const;
    Error interrupted() const;
    Error unknown_table(std::string_view name) const;

    Session& session_;
    const Connection& connection_;
    const config::Engine& limits_;
    const config::Card& card_;
    const sidecar::Arguments& arguments_;
    std::span<const sidecar::Relation> relations_;
    std::optional<Query> query_;
    bool repeatable_ = false;
    std::string catalog_;  // our own, where views stand in schemas; empty: none is needed
    Damage damage_ = Damage::none;
    Interrupter interrupter_;
};

}  // namespace gatehouse::engine
