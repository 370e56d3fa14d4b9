// Keeps the board file up to date: writes it on a thread of its own, beats once a second.
//
// Thread safety: none; lives on the loop, but for final_write, which is called when the loop has
// ended.
#pragma once

#include <functional>
#include <string>

#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/repeats.h"
#include "sidecar/board/pacer.h"
#include "src/board/archive.h"

namespace gatehouse::sidecar {

class ArchiveFile {
public:
    using Contents = std::function<board::Archive()>;

    /// `group` may read the file; -1: only the sidecar's own.
    ArchiveFile(Loop& loop, std::string file, gid_t group, Contents contents);

    void changed(Pacer::Urgency urgency);

    /// A card's data are no longer known to be current: no beat may vouch for them until that is in
    /// the file.
    void disown();

    /// Vouches for what the file says is current.
    void beat(std::int64_t unix_ms);

    /// Writes what is not in the file yet. False when that took longer than `limit`.
    bool final_write(std::chrono::milliseconds limit);

    const std::string& path() const noexcept { return path_; }

private:
    void arm();
    void write();
    Result<void> write_and_vouch(const board::Archive& contents);
    void finish(const Result<void>& written);

    Timer timer_;
    std::string path_;
    Contents contents_;
    board::ArchiveWriter writer_;  // only ever used by one task of pool_ at a time
    Pacer pacer_;
    Loop& loop_;
    Repeats repeats_{60'000};
    bool disowned_ = false;
    bool disowned_since_start_ = false;
    Pool pool_{"board-file", 1};
};

}  // namespace gatehouse::sidecar
