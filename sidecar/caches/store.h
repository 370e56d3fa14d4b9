// Tables of sources, kept as Parquet files across restarts.
//
//     DIRECTORY/NAME.json                    the record: what the cache is, and of what
//     DIRECTORY/NAME-MILLISECONDS-PID.parquet  the table
//     DIRECTORY/NAME.lock                    held by the process that makes the cache
//
// Invariants
//   1. A file that is handed out is whole, and made of what was asked for.
//   2. It never changes: another table is another file. Who reads one that is replaced meanwhile
//      finds it gone at worst.
//
// Thread safety: all of it. file() blocks, for as long as the making takes; tables are made one at
// a time, since each takes memory beside that of the cards.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "sidecar/base/cache_state.h"
#include "sidecar/caches/record.h"
#include "src/base/result.h"

namespace gatehouse::caches {

/// What is asked for, and where it comes from.
struct Wanted {
    std::string source;
    std::string definition, stamps;  ///< see Basis
    /// The digest of what the files hold. Asked for when only their stamps have changed, as by a
    /// copy or a new container, and when a cache is made.
    std::function<Result<std::string>()> content;
    /// Writes the table to a file that does not exist yet; returns its rows.
    std::function<Result<std::uint64_t>(const std::string& out, std::stop_token stop)> make;
};

class Store {
public:
    explicit Store(std::string directory);
    ~Store();

    /// Only these have caches from now on: the files of others go, and what computations have left
    /// behind that did not get to their end.
    void keep(const std::set<std::string>& sources);

    /// The path of the source's table, which is made first where there is none, or one of something
    /// else, or a damaged one. An error: there is none, and why; who asks reads the source itself.
    Result<std::string> file(const Wanted& wanted);

    /// Waits while the source's table is looked at or made. False: until then it was not done.
    bool wait_made(const std::string& source, std::chrono::steady_clock::time_point until,
                   const std::stop_token& stop);

    /// Somebody could not read what file() handed out: it is checked before it is handed out again.
    void doubt(const std::string& source);

    /// What it is made of cannot be read: what there is is not current.
    void unreadable(const std::string& source, const std::string& why);

    /// Of all that keep() named, by name; without `progress`.
    std::vector<sidecar::CacheState> states() const;

    /// Those whose last making failed a minute ago or longer, each once a minute; file() tries them
    /// again: room may have come, a lock been given back.
    std::vector<std::string> to_try_again();

    /// Ends what is being made, and makes nothing any more.
    void stop();

private:
    struct Entry;

    std::shared_ptr<Entry> entry_of(const std::string& source);
    std::string objection(Entry& entry, const Wanted& wanted) const;
    std::string damage(Entry& entry) const;
    Result<Record> make(Entry& entry, const Wanted& wanted, const std::string& why);
    Result<Record> made(const Wanted& wanted) const;
    void remove_unnamed(const std::string& source) const;
    std::string path_of(const std::string& file) const { return directory_ + '/' + file; }

    const std::string directory_;
    std::stop_source stop_;
    std::mutex making_;
    mutable std::mutex mutex_;  // of the map
    std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace gatehouse::caches
