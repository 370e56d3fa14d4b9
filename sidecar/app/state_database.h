// The database that keeps state, SQLite or PostgreSQL, opened for those who write and read in it
// besides tokens.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sidecar/base/sql_database.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::app {

/// A connection of its own. SQLite's file is made and migrated by the tokens' agent: until then
/// this fails. Blocks. REQUIRES: state is configured.
Result<std::unique_ptr<sidecar::SqlDatabase>> open_state(const config::State& state);

/// Takes the tables of state.url to that version, all or nothing. May take long. Blocks.
Result<void> migrate_server(const std::string& url, std::int64_t to);

}  // namespace gatehouse::app
