// A log as files: FILE, and FILE.1, FILE.2, … from the newest on.
//
// Only whole lines stay in a file: what a full disk cut off is taken away again. Where that is not
// possible, and after a crash, the rest of a line stays as it is; the owner ends it.
//
// Thread safety: none; one owner.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {

class LineFile {
public:
    struct Identity {
        std::uint64_t device = 0, inode = 0;

        bool operator==(const Identity&) const = default;
    };

    /// Opens, or makes with that mode. Refuses what is no regular file, and a file that another
    /// process has open as its log.
    static Result<LineFile> open(const std::string& path, mode_t mode);

    const std::string& path() const noexcept { return path_; }
    std::uint64_t size() const noexcept { return size_; }
    Identity identity() const noexcept { return identity_; }

    /// Calls for each line from `offset` on, without its end. What is left at the end of the file
    /// is returned. Fails where the file cannot be read.
    Result<std::string> read_lines(std::uint64_t offset,
                                   const std::function<void(std::string_view)>& line) const;

    /// Appends whole lines; returns how many bytes of them are in the file as whole lines. Fewer
    /// than given: `why`.
    std::size_t append(std::string_view lines, std::string& why);

    /// What a failure left at the end of the file, and could not be taken away.
    const std::string& torn() const noexcept { return torn_; }

    /// Whether it is empty or its last byte is the end of a line.
    bool ends_whole() const;

    /// Ends a torn line. False: that failed too.
    bool end_torn_line();

    Result<void> sync() const;

    /// Whether the path leads to this file.
    bool is_in_place() const;

    /// Looks how long it is by now, which others may have changed. False: it has no name any more.
    bool look();

private:
    LineFile() = default;

    std::string path_;
    UniqueFd fd_;
    Identity identity_;
    std::uint64_t size_ = 0;
    std::string torn_;
};

/// FILE becomes FILE.1, that FILE.2, and so on; the one over `keep` goes.
Result<void> shift_files(const std::string& path, unsigned keep);

}  // namespace gatehouse::sidecar
