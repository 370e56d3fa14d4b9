// Files that are read whole by one process and replaced whole by another.
//
// Thread safety: none of its own; the functions share nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse {

/// Opens without following a link and without waiting for a FIFO's writer. errno says why not.
UniqueFd open_plain(const std::string& file) noexcept;

struct PlainFile {
    UniqueFd fd;
    std::size_t size = 0;
};

/// Opens a file for read_plain_file. Refuses anything that is not a regular file, a symbolic link
/// included, and a file that a stranger may have made: one that everybody may write to, or in a
/// directory that everybody may write to (such as /tmp) of an owner who is not root, this user or
/// the directory's. Errors tell the flaw, not the file's name.
Result<PlainFile> open_trusted_file(const std::string& file);

/// Fills `out` from that offset of the file. A file that becomes shorter meanwhile is an error.
Result<void> read_plain_file(int fd, std::uint64_t offset, std::span<std::byte> out);

/// A part of a file that is to be written.
struct FilePiece {
    std::uint64_t offset;
    std::span<const std::byte> bytes;
};

/// Writes a temporary file of `size` bytes beside it, fsyncs it and renames it over the old one:
/// whoever reads gets the old or the new one, whole, also after a crash of the machine. Its owner
/// and `group` (-1: the process's own) may read it. Returns the new file, open for writing.
Result<UniqueFd> replace_file(const std::string& file, gid_t group, std::uint64_t size,
                              std::span<const FilePiece> pieces);

}  // namespace gatehouse
