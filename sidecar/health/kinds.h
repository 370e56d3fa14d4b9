// The kinds of checks: how each is run. All but those that is_held() names
// block, for little more than the check's timeout, and are run on a pool.
//
// Thread safety: free functions without state, but for what they are given.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "sidecar/config/types.h"
#include "sidecar/health/measurement.h"

namespace gatehouse::checks {

/// Asks the database of a check of kind postgres or sqlite. Any thread; blocks.
using AskDatabase = std::function<Measurement(const config::Check& check)>;

Measurement run_http(const config::Check& check);
Measurement run_tcp(const config::Check& check);
Measurement run_tls(const config::Check& check);
Measurement run_redis(const config::Check& check);
Measurement run_file(const config::Check& check);
Measurement run_directory(const config::Check& check);
Measurement run_disk(const config::Check& check);
Measurement run_memory(const config::Check& check);
Measurement run_process(const config::Check& check);
Measurement run_exec(const config::Check& check);

/// How busy processors have been between two readings of /proc/stat.
class CpuMeter {
public:
    Measurement run(const config::Check& check);

private:
    std::uint64_t busy_ = 0, all_ = 0;
};

/// Runs a check of any kind that blocks, and takes the time. Never throws.
Measurement run(const config::Check& check, CpuMeter& cpu, const AskDatabase& ask);

/// Whether checks of this kind are answered by what the sidecar holds, without blocking.
bool is_held(const std::string& kind) noexcept;

/// up, degraded or down by the check's limits for a percentage in use.
Measurement by_percent(const config::Check& check, double percent, const std::string& of_what);

}  // namespace gatehouse::checks
