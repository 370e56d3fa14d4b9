// From a card to its representations: sources, SQL, steps, rendering, compression.
//
// Thread safety: each function may be called by several threads at once. They block: call them on
// the pool.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/app/card_tables.h"
#include "sidecar/app/executors.h"
#include "sidecar/base/arguments.h"
#include "sidecar/base/reducer.h"
#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "sidecar/render/representation.h"
#include "sidecar/sources/sources.h"
#include "src/base/result.h"

namespace gatehouse::app {

/// What the sources of a card were, by name; one that could not be read has no files.
using Inputs = std::map<std::string, sources::Fingerprint>;

struct ComputedCard {
    /// Of each format its identity, followed by its encodings once it is compressed.
    std::vector<render::Representation> representations;
    std::uint64_t rows = 0;
    std::optional<sidecar::Table> table = {};  ///< what other cards read
};

struct CardAttempt {
    Inputs inputs;  ///< complete, whatever the result
    Result<ComputedCard> result;
    InnerVersions inner = {};  ///< of the cards it read, complete as well
};

/// What rows came from: complete, whatever became of them.
struct Origin {
    Inputs inputs;
    InnerVersions inner;
};

/// Computes the card, not compressed yet, from its sources as they are now; a source that changes
/// meanwhile has it computed again, a bounded number of times; a database is read as of one moment.
/// An error's message names the source and the file that are to blame, if any; not the card, which
/// the caller knows.
///
/// `tables` has what other cards gave; one that this card reads and that is not there is computed
/// first and put there. REQUIRES: not null, if the card reads other cards.
/// `running` is told what is read; null: nobody wants to know.
CardAttempt compute_card(const Executors& executors, const config::Config& config,
                         const config::Card& card, const std::stop_token& stop,
                         CardTables* tables = nullptr,
                         caches::Progress::Running* running = nullptr);

/// The same in parts, for whoever has more to do in between: the rows of the card's SQL with these
/// arguments, or what a reducer makes of them, and what becomes of rows after the card's steps.
Result<sidecar::Table> read_rows(const Executors& executors, const config::Config& config,
                                 const config::Card& card, const sidecar::Arguments& arguments,
                                 const std::stop_token& stop, Origin& origin,
                                 CardTables* tables = nullptr,
                                 const sidecar::MakeReducer& make_reducer = {});
Result<ComputedCard> represent(const config::Card& card, const sidecar::Table& table);

/// With every encoding that is worth it. REQUIRES: identities alone.
ComputedCard compressed(const config::Card& card, ComputedCard plain);

/// Whether the sources are still what they were; one that can still not be read is.
bool unchanged(const Executors& executors, const config::Config& config, const Inputs& inputs);

/// Whether the same sources yield the same rows whenever they are asked: not where the SQL asks for
/// time or chance, nor where a database answers, whose SQL is its own.
bool yields_the_same(const Executors& executors, const config::Card& card);

/// Whether a card need not be computed again for as long as its sources are what they were. One
/// that is computed at intervals must be where it may yield something else.
bool rests_on_sources(const Executors& executors, const config::Card& card);

/// What `source test` shows.
struct Probe {
    std::vector<sources::FileStamp> files;
    /// Name and SQL type of each column; of each table or view, for a database.
    std::vector<std::pair<std::string, std::string>> columns;
};

/// Reads the head of a source.
Result<Probe> probe(const Executors& executors, const config::Source& source, std::stop_token stop);

}  // namespace gatehouse::app
