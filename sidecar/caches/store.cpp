#include "sidecar/caches/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "sidecar/caches/digest.h"
#include "sidecar/caches/entry.h"
#include "sidecar/caches/file_names.h"
#include "sidecar/caches/lock_file.h"
#include "src/base/unique_fd.h"

namespace gatehouse::caches {

namespace fs = std::filesystem;
namespace log = sidecar::log;
using sidecar::CacheState;
using sidecar::read_clocks;
using sidecar::unix_ms;

namespace {

Result<void> make_durable(const std::string& path)
{
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    return fd && ::fsync(fd.get()) == 0
               ? Result<void>{}
               : Error{path + ": " + std::generic_category().message(errno)};
}

}  // namespace

Store::Store(std::string directory) : directory_(std::move(directory)) {}
Store::~Store() = default;

std::shared_ptr<Store::Entry> Store::entry_of(const std::string& source)
{
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[source];
    if (!entry) {
        entry = std::make_shared<Entry>(source);
        (void)entry->load(directory_);
        entry->show();
    }
    return entry;
}

void Store::keep(const std::set<std::string>& sources)
{
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(entries_, [&](const auto& entry) { return !sources.contains(entry.first); });
    }
    for (const std::string& source : sources) {
        (void)entry_of(source);
    }
    std::set<std::string> found;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(directory_, error)) {
        if (const auto source = source_of_file(file.path().filename().string())) {
            found.insert(*source);
        }
    }
    for (const std::string& source : found) {
        const LockFile lock(lock_path(directory_, source));
        if (!lock.held()) {
            continue;  // somebody is making it
        }
        if (!sources.contains(source)) {
            (void)::unlink(record_path(directory_, source).c_str());
        }
        remove_unnamed(source);
        if (!sources.contains(source)) {
            (void)::unlink(lock_path(directory_, source).c_str());
        }
    }
}

/// REQUIRES: the source's lock is held.
void Store::remove_unnamed(const std::string& source) const
{
    const auto record = read_record(directory_, source);
    const std::string named = record && *record ? (*record)->file : "";
    std::error_code error;
    for (const auto& file : fs::directory_iterator(directory_, error)) {
        const auto name = file.path().filename().string();
        if (is_table_of(name, source) && name != named) {
            (void)::unlink(file.path().c_str());
        }
    }
}

/// Why what there is is not what is wanted; empty: it is.
std::string Store::objection(Entry& entry, const Wanted& wanted) const
{
    if (!entry.record) {
        return "there is none";
    }
    Basis& basis = entry.record->basis;
    if (basis.definition != wanted.definition) {
        return "its definition has changed";
    }
    if (basis.stamps != wanted.stamps) {
        const auto content = wanted.content();
        if (!content || *content != basis.content) {
            return "its files have changed";
        }
        // Another file with the same bytes. Where this cannot be kept, it is found out again.
        basis.stamps = wanted.stamps;
        (void)write_record(directory_, wanted.source, *entry.record);
    }
    return damage(entry);
}

/// What is wrong with the file; empty: nothing.
std::string Store::damage(Entry& entry) const
{
    const auto path = path_of(entry.record->file);
    const auto now = identity_of(path);
    if (!now) {
        return "its file is missing";
    }
    if (entry.checked == now) {
        return {};
    }
    const auto checksum = now->bytes == entry.record->bytes ? digest_of_files({&path, 1})
                                                            : Result<std::string>{std::string{}};
    if (!checksum || *checksum != entry.record->checksum) {
        return "it is damaged";
    }
    entry.checked = now;
    return {};
}

Result<std::string> Store::file(const Wanted& wanted)
{
    const auto entry = entry_of(wanted.source);
    const std::lock_guard one_at_a_time(entry->mutex);
    std::string why = objection(*entry, wanted);
    // Another process may have made it meanwhile.
    if (!why.empty() && entry->load(directory_)) {
        why = objection(*entry, wanted);
    }
    if (why.empty()) {
        entry->show(true);
        return path_of(entry->record->file);
    }
    const std::string basis = wanted.definition + wanted.stamps;
    if (entry->failed_for == basis && !entry->take_another_try()) {
        return entry->failure;
    }
    const auto record = make(*entry, wanted, why);
    if (!record) {
        entry->failure = record.error();
        entry->failed_for = basis;
        entry->show(false, record.error().message);
        return record.error();
    }
    entry->record = *record;
    entry->checked = identity_of(path_of(record->file));
    entry->failed_for.clear();
    entry->show(true);
    return path_of(record->file);
}

bool Store::wait_made(const std::string& source, std::chrono::steady_clock::time_point until,
                      const std::stop_token& stop)
{
    constexpr std::chrono::milliseconds between_looks{50};  // a stop has no way to wake it up
    const auto entry = entry_of(source);
    do {
        if (entry->mutex.try_lock_for(between_looks)) {
            entry->mutex.unlock();
            return true;
        }
    } while (!stop.stop_requested() && std::chrono::steady_clock::now() < until);
    return false;
}

Result<Record> Store::make(Entry& entry, const Wanted& wanted, const std::string& why)
{
    const std::lock_guard one_table_at_a_time(making_);
    const auto started = read_clocks();
    entry.show();
    std::error_code ignored;
    fs::create_directories(directory_, ignored);
    const LockFile lock(lock_path(directory_, wanted.source));
    if (!lock.held()) {
        return Error{lock.why_not()};
    }
    log::info("cache being made", {{"source", wanted.source}, {"why", why}});
    auto record = made(wanted);
    if (!record) {
        log::warning("cache not made", {{"source", wanted.source},
                                        {"error", record.error().message},
                                        {"now", "the source itself is read"}});
    } else {
        log::info("cache made", {{"source", wanted.source},
                                 {"rows", record->rows},
                                 {"bytes", record->bytes},
                                 {"ms", read_clocks().steady_ms - started.steady_ms}});
    }
    remove_unnamed(wanted.source);
    return record;
}

/// REQUIRES: the source's lock is held.
Result<Record> Store::made(const Wanted& wanted) const
{
    Record record;
    record.made_ms = unix_ms();
    record.file = table_name(wanted.source, record.made_ms, ::getpid());
    while (fs::exists(path_of(record.file))) {  // that of before, which somebody may be reading
        record.file = table_name(wanted.source, ++record.made_ms, ::getpid());
    }
    record.basis = {wanted.definition, wanted.stamps, {}};
    const auto path = path_of(record.file);
    const auto content = wanted.content();
    if (!content) {
        return content.error();
    }
    record.basis.content = *content;
    const auto rows = wanted.make(path, stop_.get_token());
    if (!rows) {
        return rows.error();
    }
    record.rows = *rows;
    if (auto durable = make_durable(path); !durable) {
        return durable.error();
    }
    const auto checksum = digest_of_files({&path, 1});
    const auto identity = identity_of(path);
    if (!checksum || !identity) {
        return checksum ? Error{path + ": is gone"} : checksum.error();
    }
    record.checksum = *checksum;
    record.bytes = identity->bytes;
    auto written = write_record(directory_, wanted.source, record);
    return written ? Result<Record>{std::move(record)} : written.error();
}

void Store::doubt(const std::string& source)
{
    const auto entry = entry_of(source);
    const std::lock_guard lock(entry->mutex);
    entry->checked.reset();
}

void Store::unreadable(const std::string& source, const std::string& why)
{
    const auto entry = entry_of(source);
    const std::lock_guard lock(entry->mutex);
    entry->show(false, why);
}

std::vector<CacheState> Store::states() const
{
    std::vector<std::shared_ptr<Entry>> entries;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, entry] : entries_) {
            entries.push_back(entry);
        }
    }
    std::vector<CacheState> all;
    for (const auto& entry : entries) {
        const std::lock_guard lock(entry->state_mutex);
        all.push_back(entry->state);
    }
    return all;
}

std::vector<std::string> Store::to_try_again()
{
    const std::lock_guard lock(mutex_);
    std::vector<std::string> sources;
    for (const auto& [name, entry] : entries_) {
        if (entry->allow_another_try()) {
            sources.push_back(name);
        }
    }
    return sources;
}

void Store::stop()
{
    stop_.request_stop();
}

}  // namespace gatehouse::caches
