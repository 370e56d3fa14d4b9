// DuckDB as the sidecar's engine: one in-memory database that runs each card's SQL over views of its sources.
//
// Invariants
//   1. SQL reads the files of the relations that were opened with it and nothing else: no other file, no network, no
//      extension, no ATTACH, COPY or SET. Only a single statement that yields rows is run.
//   2. A computation sees only the relations handed to it.
//   3. Nothing a computation does outlasts it: views are temporary and its connection is its own.
//
// Thread safety: compute may be called by any number of threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::engine {

using sidecar::Relation;
using sidecar::Table;

class Engine {
public:
    /// Starts DuckDB with these limits. Fails when it refuses them.
    static Result<std::unique_ptr<Engine>> open(const config::Engine& limits);

    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    /// Runs the card's SQL over the relations. Blocks for at most about card.timeout; `stop` ends it early.
    /// The message of an error says what is wrong and what to do, without the card's name: the caller knows it.
    Result<Table> compute(const config::Card& card, std::span<const Relation> relations,
                          std::stop_token stop);

private:
    class State;
    explicit Engine(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::engine
