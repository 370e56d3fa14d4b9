// For tests: locks by which this process keeps others from a file.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace gatehouse::sidecar {

/// Whether this process has a POSIX lock on the file, as /proc/locks has it:
/// `1: POSIX  ADVISORY  READ 4711 08:01:1234 128 128`.
inline bool has_posix_lock(const std::string& path)
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return false;
    }
    const auto inode = ':' + std::to_string(status.st_ino);
    std::ifstream locks{"/proc/locks"};
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words{line};
        std::string number, kind, manner, mode, pid, file;
        words >> number >> kind >> manner >> mode >> pid >> file;
        if (kind == "POSIX" && pid == std::to_string(::getpid()) && file.ends_with(inode)) {
            return true;
        }
    }
    return false;
}

}  // namespace gatehouse::sidecar
