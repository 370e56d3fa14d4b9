// Checks of kind memory, cpu and process: what /proc says.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sidecar/health/kinds.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"

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

/// The number in a pid file, as text. It may be anything: a FIFO, say, on which to open it would
/// wait for ever.
Result<std::string> pid_in(const std::string& path)
{
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        return Error{'"' + path + "\" cannot be read: " + std::strerror(errno)};
    }
    if (!S_ISREG(status.st_mode)) {
        return Error{'"' + path + "\" is not a regular file"};
    }
    std::array<char, 64> bytes{};
    const auto count = ::pread(fd.get(), bytes.data(), bytes.size(), 0);
    const std::string text{bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    const auto pid = text.substr(0, text.find('\n'));
    return pid.empty() ? Result<std::string>{Error{'"' + path + "\" is empty"}} : pid;
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
    const auto pid = pid_in(check.pid_file);
    if (!pid) {
        return down(pid.error().message);
    }
    return is_running(*pid) ? Measurement{}
                            : down("process " + pid->substr(0, 20) + " of \"" + check.pid_file +
                                   "\" does not run");
}

}  // namespace gatehouse::checks
