// What gatehoused does besides serving: each mode runs to its end and returns the exit status.
#pragma once

#include <cstdint>
#include <optional>

#include "sidecar/app/options.h"
#include "sidecar/config/types.h"

namespace gatehouse::app {

/// The configuration, or nothing after every reason why not was printed on stderr.
std::optional<config::Config> load_or_explain(const Options& options);

/// Bounds the memory of this process as the configuration says.
void limit_memory(const config::Config& config);

int test(const config::Config& config);
int dump(const config::Config& config);

/// Computes every card, writes the board file, prints one line per card. Cards that fail keep their
/// place in the file, if they had one.
int compute_once(const config::Config& config);

/// Prints one line per source.
int check_sources(const config::Config& config);

/// Prints one line per database of `state`. Fails unless all have this version's schema.
int show_schema(const config::Config& config);

/// Brings every database of `state` to the schema of this version, up or down; each all or nothing.
int migrate(const config::Config& config, std::int64_t to);

}  // namespace gatehouse::app
