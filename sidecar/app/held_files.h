// The rows of small files that were read into memory, for all cards that read them, for as long as
// the files are what they were.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "sidecar/base/relation.h"
#include "sidecar/sources/sources.h"

namespace gatehouse::app {

class HeldFiles {
public:
    explicit HeldFiles(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

    std::optional<sidecar::Relation> find(const std::string& source,
                                          const sources::Fingerprint& files) const
    {
        const std::lock_guard lock(mutex_);
        const auto held = held_.find(source);
        return held != held_.end() && held->second.files == files
                   ? std::optional{held->second.relation}
                   : std::nullopt;
    }

    /// In place of what was there of the source; not where there is no room.
    void put(const std::string& source, const sources::Fingerprint& files,
             const sidecar::Relation& relation)
    {
        std::uint64_t bytes = 0;
        for (const auto& table : relation.rows) {
            bytes += table.bytes();
        }
        const std::lock_guard lock(mutex_);
        if (const auto before = held_.find(source); before != held_.end()) {
            bytes_ -= before->second.bytes;
            held_.erase(before);
        }
        if (bytes > 0 && bytes_ + bytes <= most_bytes_) {
            bytes_ += bytes;
            held_.emplace(source, Held{files, relation, bytes});
        }
    }

private:
    struct Held {
        sources::Fingerprint files;
        sidecar::Relation relation;
        std::uint64_t bytes;
    };

    const std::uint64_t most_bytes_;
    mutable std::mutex mutex_;  // of what follows
    std::uint64_t bytes_ = 0;
    std::map<std::string, Held> held_;  // by source
};

}  // namespace gatehouse::app
