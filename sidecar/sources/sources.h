// Configured sources as files on disk and as SQL.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/relation.h"
#include "sidecar/base/watched.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sources {

/// What a file was when it was looked at. Equal stamps mean the same bytes, as far as stat can
/// tell.
struct FileStamp {
    std::string path;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;

    bool operator==(const FileStamp&) const = default;
};

struct OpenFile {
    UniqueFd fd;
    FileStamp stamp;
};

/// Fails, naming the file and the remedy, for what is no file with bytes in it that can be read.
Result<OpenFile> open_file(const std::string& path);

/// Every file of a source, in the order they are read.
struct Fingerprint {
    std::vector<FileStamp> files;
    std::string mark{};  ///< of a source that is no files: what it was like, in its own terms

    std::uint64_t bytes() const noexcept;
    bool operator==(const Fingerprint&) const = default;
};

/// Looks the source's files up now. Fails, naming the file, when there is none, or one is not a
/// regular file, may not be read or is empty.
Result<Fingerprint> fingerprint(const config::Source& source);

/// Whether equal fingerprints mean the same rows, also for another process, and nothing but files
/// is read.
bool shows_in_files(const config::Source& source);

/// By which names the engine may be asked for these files.
std::vector<std::string> names_for_engine(const Fingerprint& files);

/// The SQL that reads exactly these files. Looks into them where their kind asks for it, and fails,
/// naming the file, when one is not what it is said to be.
Result<sidecar::Relation> relation(const config::Source& source, const Fingerprint& files);

/// What is wrong with files that the engine refused, if that is seen at a look: `path: line 3 has
/// …`. Reads much of them.
std::optional<std::string> diagnose(const config::Source& source, const Fingerprint& files);

/// Where an event may mean that the source has changed: its files, what a glob searches for, what
/// symbolic links lead to. Only directories that exist.
std::vector<sidecar::WatchedName> names_to_watch(const config::Source& source);

}  // namespace gatehouse::sources
