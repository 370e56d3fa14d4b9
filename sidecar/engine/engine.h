// DuckDB as the sidecar's engine: one in-memory database that runs each card's SQL over views of
// its sources.
//
// Invariants
//   1. SQL reads the files of relations and nothing else: no other file, no network, no extension,
//   no
//      ATTACH, COPY or SET. Only a single statement that yields rows is run.
//   2. A computation sees only the relations handed to it as names.
//   3. Nothing a computation does outlasts it: its views are temporary, its connection is its own.
//
// Thread safety: compute may be called by any number of threads at once.
#pragma once

#include <memory>
#include <span>
#include <stop_token>

#include "sidecar/base/arguments.h"
#include "sidecar/base/reducer.h"
#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::engine {

class Engine {
public:
    /// Starts DuckDB within these limits; `relations` are those known to be used, which may be
    /// fewer than will be. Make a new engine for a new configuration: what an engine was once told
    /// it may read, it goes on reading.
    static Result<std::unique_ptr<Engine>> open(const config::Engine& limits,
                                                std::span<const sidecar::Relation> relations = {});

    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    /// Runs the card's SQL over the relations, with the arguments as its parameters. Blocks for
    /// little more than card.timeout at most; `stop` ends it early. An error's message says what is
    /// wrong and what to do; it names neither the card, which the caller knows, nor, unless one is
    /// to blame, a source.
    /// With `make_reducer` the rows go to a reducer, and its result is returned.
    Result<sidecar::Table> compute(const config::Card& card, const sidecar::Arguments& arguments,
                                   std::span<const sidecar::Relation> relations,
                                   std::stop_token stop,
                                   const sidecar::MakeReducer& make_reducer = {});

private:
    class State;
    explicit Engine(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::engine
