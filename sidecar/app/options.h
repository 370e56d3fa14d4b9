// The command line of gatehoused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sidecar/base/state_schema.h"

namespace gatehouse::app {

/// What to do: as with nginx's options of the same letters.
enum class Mode { serve, once, test, dump, check_sources, schema, migrate };

struct Options {
    Mode mode = Mode::serve;
    std::string config_file = "/etc/gatehouse/gatehouse.json";
    std::string prefix;     ///< what relative paths are relative to; empty: the file's directory
    std::string log_level;  ///< empty: the configuration's
    std::int64_t schema = sidecar::state_version;  ///< to which `migrate` goes
};

/// Exit statuses of gatehoused, shared with gatehousectl.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_configuration = 3;

/// The options, or the exit status after help, a version or a usage error was printed.
struct ParsedOptions {
    Options options;
    std::optional<int> exit;
};
ParsedOptions parse_options(int argc, const char* const* argv);

}  // namespace gatehouse::app
