#include "sidecar/caches/entry.h"

#include <sys/stat.h>

#include <utility>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"

namespace gatehouse::caches {

using sidecar::read_clocks;

namespace {

/// How long a table that could not be made of the same files is not tried again.
constexpr std::int64_t retry_after_ms = 60'000;

}  // namespace

std::optional<Identity> identity_of(const std::string& path)
{
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return std::nullopt;
    }
    return Identity{info.st_ino, static_cast<std::uint64_t>(info.st_size),
                    std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

Store::Entry::Entry(const std::string& source)
{
    state.name = source;
    state.kind = "source";
}

bool Store::Entry::load(const std::string& directory)
{
    auto read = read_record(directory, state.name);
    if (!read) {
        sidecar::log::warning("record of a cache refused",
                              {{"source", state.name}, {"error", read.error().message}});
        read = std::optional<Record>{};
    }
    const bool another = *read && (!record || record->file != (*read)->file);
    record = std::move(*read);
    return another;
}

void Store::Entry::show(bool warm, const std::string& error)
{
    const std::lock_guard lock(state_mutex);
    state.exists = record.has_value();
    state.size_bytes = record ? record->bytes : 0;
    state.since_ms = record ? record->made_ms : 0;
    state.warm = warm;
    state.error = error;
    failed_at_steady_ms = error.empty() ? 0 : read_clocks().steady_ms;
}

bool Store::Entry::allow_another_try()
{
    const std::lock_guard lock(state_mutex);
    const auto now = read_clocks().steady_ms;
    if (state.error.empty() || now - failed_at_steady_ms < retry_after_ms) {
        return false;
    }
    failed_at_steady_ms = now;
    try_again = true;
    return true;
}

bool Store::Entry::take_another_try()
{
    const std::lock_guard lock(state_mutex);
    return std::exchange(try_again, false);
}

}  // namespace gatehouse::caches
