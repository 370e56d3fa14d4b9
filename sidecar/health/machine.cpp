// Checks of kind memory, cpu and process: what /proc says.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sidecar/health/kinds.h"

namespace gatehouse::checks {

namespace {

namespace fs = std::filesystem;

/// The first line; empty: none.
std::string first_line(const std::string& path)
{
    std::ifstream file{path};
    std::string line;
    std::getline(file, line);
    return line;
}

/// Of a line such as `MemTotal:  24683580 kB`.
std::uint64_t meminfo(const std::string& name)
{
    std::ifstream file{"/proc/meminfo"};
    for (std::string key, rest; file >> key && std::getline(file, rest);) {
        if (key == name) {
            return std::strtoull(rest.c_str(), nullptr, 10);
        }
    }
    return 0;
}

bool is_number(const std::string& text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_running(const std::string& pid)
{
    std::error_code failure;
    return is_number(pid) && fs::exists("/proc/" + pid, failure);
}

std::size_t processes_named(const std::string& name)
{
    std::size_t found = 0;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator{"/proc", failure}) {
        const auto pid = entry.path().filename().string();
        // The kernel keeps the first 15 bytes of a name.
        found += is_number(pid) && first_line("/proc/" + pid + "/comm") == name.substr(0, 15);
    }
    return found;
}

Measurement named(const std::string& name)
{
    const auto count = processes_named(name);
    auto found = count > 0 ? Measurement{} : down("no process is called \"" + name + '"');
    found.value = static_cast<double>(count);
    found.unit = "processes";
    return found;
}

}  // namespace

Measurement by_percent(const config::Check& check, double percent, const std::string& of_what)
{
    std::array<char, 32> shown{};
    std::snprintf(shown.data(), shown.size(), "%.1f %% ", percent);
    Measurement found;
    if (percent >= check.fail.value_or(100)) {
        found = down(shown.data() + of_what);
    } else if (percent >= check.warn.value_or(100)) {
        found = degraded(shown.data() + of_what);
    }
    found.value = percent;
    found.unit = "percent";
    return found;
}

Measurement run_memory(const config::Check& check)
{
    const auto all = static_cast<double>(meminfo("MemTotal:"));
    const auto available = static_cast<double>(meminfo("MemAvailable:"));
    if (all <= 0) {
        return down("/proc/meminfo says nothing");
    }
    return by_percent(check, 100 * (all - available) / all, "of the memory is in use");
}

Measurement CpuMeter::run(const config::Check& check)
{
    std::istringstream line{first_line("/proc/stat")};
    std::string name;
    line >> name;
    // user nice system idle iowait irq softirq steal; the guests' are among user's and nice's.
    std::array<std::uint64_t, 8> ticks{};
    for (auto& each : ticks) {
        line >> each;
    }
    std::uint64_t all = 0;
    for (const auto each : ticks) {
        all += each;
    }
    const auto busy = all - ticks[3] - ticks[4];
    const auto passed = all - std::exchange(all_, all);
    const auto worked = busy - std::exchange(busy_, busy);
    return by_percent(
        check, passed > 0 ? 100 * static_cast<double>(worked) / static_cast<double>(passed) : 0,
        "of the processors' time was in use");
}

Measurement run_process(const config::Check& check)
{
    if (check.pid_file.empty()) {
        return named(check.process);
    }
    const auto pid = first_line(check.pid_file);
    if (pid.empty()) {
        return down("\"" + check.pid_file + "\" is not there or empty");
    }
    return is_running(pid) ? Measurement{}
                           : down("process " + pid.substr(0, 20) + " of \"" + check.pid_file +
                                  "\" does not run");
}

}  // namespace gatehouse::checks
