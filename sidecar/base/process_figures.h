// What this process uses, as Prometheus' client libraries name it.
#pragma once

#include <cstdint>
#include <optional>

namespace gatehouse::sidecar {

struct ProcessFigures {
    double cpu_seconds = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    double start_time_s = 0;  ///< Unix time
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0;
};

/// From /proc. Nothing where that cannot be read. Reads the list of open descriptors: not for every
/// second.
std::optional<ProcessFigures> process_figures();

}  // namespace gatehouse::sidecar
