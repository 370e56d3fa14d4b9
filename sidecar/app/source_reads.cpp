#include "sidecar/app/source_reads.h"

#include <utility>

#include "sidecar/app/reading.h"
#include "sidecar/base/clock.h"

namespace gatehouse::app {

void SourceReads::note(const std::string& source, const std::string& error)
{
    const auto now_ms = sidecar::unix_ms();
    const std::lock_guard lock{mutex_};
    SourceRead& read = reads_[source];
    read.up = error.empty();
    if (read.up) {
        read.good_ms = now_ms;
    } else {
        read.last_error = error;
        read.error_ms = now_ms;
    }
}

void SourceReads::note_unless_known(const std::string& source)
{
    SourceRead read;
    read.up = true;
    read.good_ms = sidecar::unix_ms();
    const std::lock_guard lock{mutex_};
    reads_.try_emplace(source, std::move(read));
}

std::map<std::string, SourceRead> SourceReads::last() const
{
    const std::lock_guard lock{mutex_};
    return reads_;
}

void SourceReads::forget(const std::string& source)
{
    const std::lock_guard lock{mutex_};
    reads_.erase(source);
}

void note_read(const Executors& executors, const std::string& source, const std::string& error)
{
    const auto database = executors.databases.find(source);
    if (!executors.reads) {
        return;
    }
    if (database != executors.databases.end()) {
        if (const auto status = database->second->status(); status.known) {
            executors.reads->note(source, status.up ? "" : status.last_error);
        }
        return;
    }
    const auto prefix = of_source(source, {}).message;
    if (error.empty() || error.starts_with(prefix)) {
        executors.reads->note(source, error.substr(error.empty() ? 0 : prefix.size()));
    }
}

void note_reads(const Executors& executors, const config::Card& card, const std::string& error)
{
    for (const auto& source : card.sources) {
        note_read(executors, source, error);
    }
}

}  // namespace gatehouse::app
