#include "sidecar/base/process_figures.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace gatehouse::sidecar {

namespace {

/// Fields of /proc/self/stat as proc(5) numbers them, from 1 on.
enum Field : std::size_t { user_ticks = 14, system_ticks = 15, start_ticks = 22, vsize = 23, rss };

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

/// Empty: it cannot be read. The second field, a name in brackets, may hold blanks.
std::vector<std::string> stat_fields()
{
    std::ifstream file("/proc/self/stat");
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto end = text.rfind(')');
    if (end == text.npos) {
        return {};
    }
    std::vector<std::string> fields{"", "", ""};
    std::istringstream rest(text.substr(end + 1));
    fields.insert(fields.end(), std::istream_iterator<std::string>{rest}, {});
    return fields.size() > rss ? fields : std::vector<std::string>{};
}

/// Unix time; 0: not known.
double boot_time_s()
{
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("btime ")) {
            return std::stod(line.substr(6));
        }
    }
    return 0;
}

std::uint64_t open_descriptors()
{
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir("/proc/self/fd"));
    std::uint64_t count = 0;
    while (directory && ::readdir(directory.get()) != nullptr) {
        ++count;
    }
    return count > 3 ? count - 3 : 0;  // ".", ".." and the one that is read
}

}  // namespace

std::optional<ProcessFigures> process_figures()
{
    const auto fields = stat_fields();
    if (fields.empty()) {
        return std::nullopt;
    }
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    rlimit limit{};
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
    ProcessFigures out;
    out.cpu_seconds = (std::stod(fields[user_ticks]) + std::stod(fields[system_ticks])) / ticks;
    out.start_time_s = boot_time_s() + std::stod(fields[start_ticks]) / ticks;
    out.virtual_bytes = std::stoull(fields[vsize]);
    out.resident_bytes =
        std::stoull(fields[rss]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    out.open_fds = open_descriptors();
    out.max_fds = limit.rlim_cur;
    return out;
}

}  // namespace gatehouse::sidecar
