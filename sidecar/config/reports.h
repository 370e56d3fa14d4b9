// What the sidecar reports of itself and of the data: part of the configuration's plain values
// (types.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

struct Log {
    std::string format = "json";  ///< json or text
    std::string level = "info";
    std::string file;  ///< empty: stderr
    unsigned mode = 0640;
    std::uint64_t rotate_size = 100u << 20;  ///< bytes; 0: never
    unsigned keep = 10;                      ///< renamed files

    bool operator==(const Log&) const = default;
};

/// Where errors go besides the log.
struct Sentry {
    std::string dsn;  ///< a secret; empty: nowhere
    std::string environment = "production";
    std::string release;      ///< empty: gatehouse@VERSION
    std::string server_name;  ///< empty: the machine's
    double sample_rate = 1;   ///< of errors: 0 to 1
    bool allow_private = false;
    std::string ca_file;
    std::string nginx_error_log;  ///< whose errors are sent, too; empty: none

    bool operator==(const Sentry&) const = default;
};

/// A metric that is made of data.
struct OwnMetric {
    std::string name;
    std::string type = "gauge";  ///< gauge, counter
    std::string help;
    std::string from;                                ///< a source, a table of one, or a card
    std::string value;                               ///< SQL expression over its rows
    std::vector<std::string> labels;                 ///< columns by which rows are grouped
    std::string where;                               ///< SQL condition; empty: all rows
    std::optional<std::chrono::milliseconds> every;  ///< nothing: when what it is made of changes
    std::string origin;                              ///< file:line, for messages

    bool operator==(const OwnMetric&) const = default;
};

}  // namespace gatehouse::config
