// Configured sources as files on disk and as SQL.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sidecar/base/relation.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::sources {

/// What a file was when it was looked at. Two equal stamps: the same bytes, as far as stat can tell.
struct FileStamp {
    std::string path;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;

    bool operator==(const FileStamp&) const = default;
};

/// Every file of a source, in the order they are read.
struct Fingerprint {
    std::vector<FileStamp> files;

    std::uint64_t bytes() const noexcept;
    bool operator==(const Fingerprint&) const = default;
};

/// Looks up the source's files now. Fails when there is none or one cannot be read as a file of its kind: missing, a
/// directory, no permission, empty.
Result<Fingerprint> fingerprint(const config::Source& source);

/// The SQL that reads exactly these files.
Result<sidecar::Relation> relation(const config::Source& source, const Fingerprint& files);

/// Directories in which an event may mean that the source has changed: those of its files, those a glob searches, those of
/// symbolic links' targets. Only directories that exist.
std::vector<std::string> watch_directories(const config::Source& source);

/// Names of the kinds that `kind` may have, for messages and documents.
std::vector<std::string> kinds();

}  // namespace gatehouse::sources
