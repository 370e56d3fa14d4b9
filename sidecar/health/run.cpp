// One run of a check: its kind's function, the time it took, and what latency makes of it.
#include <algorithm>
#include <array>
#include <exception>

#include "sidecar/base/units.h"
#include "sidecar/health/kinds.h"

namespace gatehouse::checks {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Libraries stop their own clocks a little early.
constexpr milliseconds clock_tolerance{20};

struct Kind {
    std::string_view name;
    Measurement (*run)(const config::Check& check);
};

constexpr std::array<Kind, 10> kinds{{
    {"http", run_http},
    {"tcp", run_tcp},
    {"tls", run_tls},
    {"redis", run_redis},
    {"file", run_file},
    {"directory", run_directory},
    {"disk", run_disk},
    {"memory", run_memory},
    {"process", run_process},
    {"exec", run_exec},
}};

Measurement run_kind(const config::Check& check, CpuMeter& cpu, const AskDatabase& ask)
try {
    if (check.kind == "cpu") {
        return cpu.run(check);
    }
    if (check.kind == "postgres" || check.kind == "sqlite") {
        return ask(check);
    }
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const Kind& one) { return one.name == check.kind; });
    return kind == kinds.end() ? down("checks of kind " + check.kind + " do not exist")
                               : kind->run(check);
} catch (const std::exception& thrown) {
    return down(std::string{"it could not be run: "} + thrown.what());
}

void judge_latency(const config::Check& check, Measurement& found)
{
    const auto took = duration_cast<milliseconds>(found.duration);
    const auto slow = [&](milliseconds limit) {
        return "took " + sidecar::format_duration(took) + ", more than " +
               sidecar::format_duration(limit);
    };
    if (check.fail_after && found.duration > *check.fail_after) {
        found.state = State::down;
        found.message = slow(*check.fail_after);
    } else if (check.warn_after && found.duration > *check.warn_after && found.state == State::up) {
        found.state = State::degraded;
        found.message = slow(*check.warn_after);
    }
}

}  // namespace

Measurement run(const config::Check& check, CpuMeter& cpu, const AskDatabase& ask)
{
    const auto began = std::chrono::steady_clock::now();
    auto found = run_kind(check, cpu, ask);
    found.duration = duration_cast<microseconds>(std::chrono::steady_clock::now() - began);
    if (found.state == State::down) {
        found.timed_out = found.duration + clock_tolerance >= check.timeout;
    } else {
        judge_latency(check, found);
    }
    return found;
}

bool is_held(const std::string& kind) noexcept
{
    return kind == "card" || kind == "edge" || kind == "cache";
}

}  // namespace gatehouse::checks
