// Fingerprints of a source's files and the directories to watch for them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "sidecar/sources/glob.h"
#include "sidecar/sources/kind.h"
#include "sidecar/sources/sources.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sources {
namespace {

namespace fs = std::filesystem;

std::string why_not_opened(const fs::path& path, int error)
{
    std::error_code ignored;
    switch (error) {
    case ENOENT:
        return fs::is_directory(path.parent_path(), ignored)
                   ? "no such file; create it, or correct the source's \"path\""
                   : "no such file, nor its directory; create them, or correct the source's "
                     "\"path\"";
    case EACCES:
        return "Permission denied; the sidecar runs as user id " + std::to_string(geteuid()) +
               ", which must be able to read the file and enter its directories";
    case ELOOP: return "a symbolic link that leads back to itself; point it at the file";
    case ENOTDIR:
        return "part of the path is a file, not a directory; correct the source's \"path\"";
    default: return std::system_category().message(error);
    }
}

Error cannot_open(const std::string& path, int error)
{
    return {path + ": " + why_not_opened(path, error)};
}

Error not_a_file(const std::string& path, mode_t mode)
{
    if (S_ISDIR(mode)) {
        return {path + ": is a directory; name its files, as in \"" + path + "/*.csv\""};
    }
    return {path + ": is not a regular file"};
}

Result<FileStamp> stamp(const std::string& path)
{
    auto opened = open_file(path);
    return opened ? Result<FileStamp>{std::move(opened->stamp)} : opened.error();
}

Result<void> stamp_all(const std::string& pattern, Fingerprint& to)
{
    std::vector<std::string> paths = expand(pattern).paths;
    if (paths.empty() && is_pattern(pattern)) {
        return Error{pattern +
                     ": no file has such a name; create one, or correct the source's \"path\""};
    }
    if (paths.empty()) {
        paths.push_back(pattern);
    }
    for (const std::string& path : paths) {
        Result<FileStamp> one = stamp(path);
        if (!one) {
            return one.error();
        }
        to.files.push_back(std::move(*one));
    }
    return {};
}

void add(const fs::path& file, std::vector<sidecar::WatchedName>& to)
{
    std::error_code error;
    if (fs::is_directory(file.parent_path(), error)) {
        to.push_back({file.parent_path().string(), file.filename().string()});
    }
}

/// Files are never changed, and their names never used again.
Result<Fingerprint> dataset_fingerprint(const std::string& directory)
{
    const auto files = dataset_files(directory);
    if (!files) {
        return files.error();
    }
    Fingerprint all;
    for (const std::string& path : *files) {
        Result<FileStamp> one = stamp(path);
        if (!one) {
            return one.error();
        }
        all.files.push_back(std::move(*one));
    }
    return all;
}

}  // namespace

/// O_NONBLOCK: opening a FIFO must not wait for its writer.
Result<OpenFile> open_file(const std::string& path)
{
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        return cannot_open(path, errno);
    }
    if (!S_ISREG(info.st_mode)) {
        return not_a_file(path, info.st_mode);
    }
    if (info.st_size == 0) {
        return Error{path +
                     ": is empty; whoever writes it should write another file and rename it"};
    }
    const auto modified_ns =
        std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
    return OpenFile{std::move(fd),
                    FileStamp{path, info.st_dev, info.st_ino,
                              static_cast<std::uint64_t>(info.st_size), modified_ns}};
}

std::uint64_t Fingerprint::bytes() const noexcept
{
    std::uint64_t sum = 0;
    for (const FileStamp& file : files) {
        sum += file.bytes;
    }
    return sum;
}

Result<Fingerprint> fingerprint_of_files(const config::Source& source)
{
    if (source.kind == dataset.name) {
        return dataset_fingerprint(source.paths.front());
    }
    Fingerprint all;
    for (const std::string& path : source.paths) {
        if (Result<void> added = stamp_all(path, all); !added) {
            return added.error();
        }
    }
    return all;
}

std::vector<sidecar::WatchedName> names_to_watch(const config::Source& source)
{
    std::vector<sidecar::WatchedName> names;
    std::error_code error;
    if (source.kind == dataset.name) {
        add(fs::path{source.paths.front()} / "*", names);
        return names;
    }
    for (const std::string& pattern : source.paths) {
        const GlobMatches matches = expand(pattern);
        names.insert(names.end(), matches.searched.begin(), matches.searched.end());
        add(pattern, names);
        for (const std::string& path : matches.paths) {
            add(path, names);
            add(fs::canonical(path, error), names);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace gatehouse::sources
