#include "sidecar/geoip/agent.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "src/geo/database.h"
#include "src/geo/database_file.h"

namespace gatehouse::geoip {

namespace {

namespace log = sidecar::log;

constexpr std::string_view table_prefix = "geoip:";
constexpr std::chrono::seconds interval{1};

std::int64_t nanoseconds(const timespec& time) noexcept
{
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Stamp stamp_of(const std::string& path) noexcept
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return {};
    }
    return {.readable = ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0,
            .device = status.st_dev,
            .inode = status.st_ino,
            .size = status.st_size,
            .mtime_ns = nanoseconds(status.st_mtim),
            .ctime_ns = nanoseconds(status.st_ctim)};
}

bool all_are(const std::set<std::uint64_t>& checksums, std::uint64_t checksum) noexcept
{
    return std::all_of(checksums.begin(), checksums.end(),
                       [&](std::uint64_t one) { return one == checksum; });
}

std::string table_of(const std::string& path)
{
    return std::string{table_prefix} + path;
}

}  // namespace

Agent::Agent(Ports ports) : ports_(std::move(ports)), timer_(ports_.loop) {}

bool Agent::offers(const std::string& table) const
{
    if (!table.starts_with(table_prefix)) {
        return true;
    }
    const auto path = table.substr(table_prefix.size());
    const auto found = watched_.find(path);
    return found != watched_.end() && found->second.settling.holds(stamp_of(path));
}

std::vector<Report> Agent::report() const
{
    std::vector<Report> all;
    for (const auto& [path, watched] : watched_) {
        all.push_back({path, watched.told.workers, watched.found, watched.published.has_value(),
                       watched.flaw, watched.refused});
    }
    return all;
}

void Agent::tick()
{
    hear();
    look();
    timer_.start(interval, [this] { tick(); });
}

void Agent::hear()
{
    auto told = told_databases(ports_.hellos());
    std::vector<std::string> gone;
    for (const auto& [path, watched] : watched_) {
        if (!told.contains(path)) {
            gone.push_back(path);
        }
    }
    for (const auto& path : gone) {
        forget(path);
    }
    for (auto& [path, one] : told) {
        auto& watched = watched_[path];
        watched.told = std::move(one);
        review(path, watched);
    }
}

void Agent::forget(const std::string& path)
{
    if (watched_[path].published) {
        ports_.drop(table_of(path));
    }
    watched_.erase(path);
    repeats_.forget(path);
}

/// Who has come since may need the table, and once nobody does its memory is free.
void Agent::review(const std::string& path, Watched& watched)
{
    if (!watched.found || !watched.flaw.empty() || !watched.settling.settled()) {
        return;
    }
    const bool needed = !all_are(watched.told.checksums, watched.found->checksum);
    if (needed && watched.published != watched.found->checksum) {
        watched.settling.again();
    } else if (!needed && watched.published) {
        watched.published.reset();
        ports_.drop(table_of(path));
    }
}

/// On the agent's thread: a file system may take its time to answer.
void Agent::look()
{
    std::vector<std::string> paths;
    for (const auto& [path, watched] : watched_) {
        if (!watched.reading) {
            paths.push_back(path);
        }
    }
    if (paths.empty() || !pool_.wait_idle(std::chrono::milliseconds{0})) {
        return;
    }
    pool_.submit([this, paths = std::move(paths)] {
        std::map<std::string, Stamp> stamps;
        for (const auto& path : paths) {
            stamps.emplace(path, stamp_of(path));
        }
        ports_.loop.post([this, stamps = std::move(stamps)] { on_stamps(stamps); });
    });
}

void Agent::on_stamps(const std::map<std::string, Stamp>& stamps)
{
    const auto now = sidecar::read_clocks().steady_ms;
    for (const auto& [path, stamp] : stamps) {
        const auto found = watched_.find(path);
        if (found != watched_.end() && !found->second.reading &&
            found->second.settling.due(stamp, now)) {
            read(path, found->second);
        }
    }
}

void Agent::read(const std::string& path, Watched& watched)
{
    watched.settling.read();
    watched.reading = true;
    pool_.submit([this, path] {
        ports_.loop.post(
            [this, path, reading = std::make_shared<Result<Reading>>(read_file(path))] {
                on_read(path, *reading);
            });
    });
}

Result<Agent::Reading> Agent::read_file(const std::string& path)
try {
    auto memory = geo::read_database_file(path);
    if (!memory) {
        return memory.error();
    }
    const auto opened = geo::Database::open(*memory);
    if (!opened) {
        return Error{"\"" + path + "\": " + opened.error().message};
    }
    const auto bytes = (*memory)->bytes();
    return Reading{{geo::checksum_of(bytes), std::string{(*opened)->type()},
                    (*opened)->built_at_s(), bytes.size()},
                   std::move(*memory)};
} catch (const std::exception& error) {
    return Error{"\"" + path + "\": " + error.what()};
}

void Agent::on_read(const std::string& path, const Result<Reading>& reading)
{
    const auto found = watched_.find(path);
    if (found == watched_.end()) {
        return;
    }
    auto& watched = found->second;
    watched.reading = false;
    if (!reading) {
        watched.flaw = reading.error().message;
        ++watched.refused;
        if (repeats_.worth_saying(path, watched.flaw, sidecar::read_clocks().steady_ms)) {
            log::error("geoip database refused",
                       {{"error", watched.flaw}, {"now", "workers keep the one they have"}});
        }
        return;
    }
    watched.flaw.clear();
    repeats_.forget(path);
    watched.found = reading->found;
    if (watched.published != reading->found.checksum &&
        !all_are(watched.told.checksums, reading->found.checksum)) {
        hand_out(path, watched, *reading);
    }
}

void Agent::hand_out(const std::string& path, Watched& watched, const Reading& reading)
{
    watched.published = reading.found.checksum;
    log::info("geoip database published", {{"database", path},
                                           {"type", reading.found.type},
                                           {"built_at", reading.found.built_at_s},
                                           {"bytes", reading.found.size}});
    ports_.publish(table_of(path), reading.table);
}

}  // namespace gatehouse::geoip
