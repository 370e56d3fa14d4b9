// The tables that are published now, each also in a file beside the board file
// (src/board/table.h).
//
// Thread safety: none; lives on the loop, but for finish, which is called when the loop has ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/pool.h"
#include "sidecar/base/repeats.h"
#include "src/board/table.h"

namespace gatehouse::sidecar {

class TableStore {
public:
    using Listener = std::function<void(const board::Table&)>;

    /// `board_file`: empty for no files. `group` may read them; -1: only the sidecar's own.
    TableStore(std::string board_file, gid_t group, Listener published);

    enum class Keep : bool {
        in_memory,
        on_disk,  ///< what nginx needs to start while the sidecar is away
    };

    /// In place of the one of that name.
    void publish(board::Table table, Keep keep);

    /// One that is kept in memory alone; workers that have it keep it.
    void drop(const std::string& name);

    /// All, those that were published last at the end: a table may build on earlier ones.
    std::vector<board::Table> tables() const;

    /// What the last sidecar left on disk, to start from; nothing if there is none or it is
    /// damaged, which is logged.
    std::optional<board::Table> last_good(const std::string& name) const;

    /// Writes what is not on disk yet. False when that took longer than `limit`.
    bool finish(std::chrono::milliseconds limit);

private:
    void write_next();

    std::string board_file_;
    gid_t group_;
    Listener published_;
    std::vector<board::Table> tables_;

    std::mutex mutex_;                  // of what follows
    std::deque<board::Table> waiting_;  // one per name at most
    Repeats repeats_{60'000};
    Pool writer_{"table-file", 1};
};

}  // namespace gatehouse::sidecar
