#include "sidecar/caches/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <system_error>

namespace gatehouse::caches {

LockFile::LockFile(const std::string& path)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600))
{
    if (!fd_) {
        why_not_ = path + ": " + std::generic_category().message(errno);
    } else if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        why_not_ = errno == EWOULDBLOCK ? "another process is making it"
                                        : path + ": " + std::generic_category().message(errno);
    }
}

}  // namespace gatehouse::caches
