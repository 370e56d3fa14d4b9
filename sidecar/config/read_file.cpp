#include "sidecar/config/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sidecar/base/units.h"
#include "src/base/unique_fd.h"

namespace gatehouse::config {

namespace {

Error system_error()
{
    return Error{std::generic_category().message(errno)};
}

Error too_large(std::size_t limit)
{
    return Error{"larger than " + sidecar::format_size(limit)};
}

Result<std::string> read_all(int fd, std::size_t limit)
{
    constexpr std::size_t chunk = 64u << 10;
    std::string out;
    while (true) {
        const std::size_t size = out.size();
        out.resize(size + chunk);
        const ssize_t n = ::read(fd, out.data() + size, chunk);
        if (n < 0 && errno != EINTR) {
            return system_error();
        }
        out.resize(size + static_cast<std::size_t>(n > 0 ? n : 0));
        if (n == 0) {
            return out;
        }
        if (out.size() > limit) {
            return too_large(limit);
        }
    }
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        return system_error();
    }
    if (!S_ISREG(info.st_mode)) {
        return Error{S_ISDIR(info.st_mode) ? "is a directory" : "is not a regular file"};
    }
    if (info.st_size > 0 && static_cast<std::size_t>(info.st_size) > limit) {
        return too_large(limit);
    }
    return read_all(fd.get(), limit);
}

}  // namespace gatehouse::config
