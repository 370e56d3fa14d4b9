// What the store knows of one source's cache. Private to store.cpp and entry.cpp.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "sidecar/base/cache_state.h"
#include "sidecar/caches/record.h"
#include "sidecar/caches/store.h"
#include "src/base/result.h"

namespace gatehouse::caches {

/// By which a file is known not to have changed since its checksum was compared.
struct Identity {
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;

    bool operator==(const Identity&) const = default;
};

std::optional<Identity> identity_of(const std::string& path);

struct Store::Entry {
    explicit Entry(const std::string& source);

    std::timed_mutex mutex;  // of the cache; held while it is made
    std::optional<Record> record;
    std::optional<Identity> checked;
    Error failure;           // of the last making
    std::string failed_for;  // stamps and definition; empty: it was made

    mutable std::mutex state_mutex;  // of what follows
    sidecar::CacheState state;
    std::int64_t failed_at_steady_ms = 0;  // where state.error says why
    bool try_again = false;

    /// Whether the record on disk is another than the one known.
    bool load(const std::string& directory);

    /// Tells what there is; `warm`: it is what was asked for last.
    void show(bool warm = false, const std::string& error = {});

    /// Whether its last making failed so long ago that it is to be tried again; if so, it may be.
    bool allow_another_try();
    bool take_another_try();
};

}  // namespace gatehouse::caches
