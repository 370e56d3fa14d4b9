#include "sidecar/base/line_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace gatehouse::sidecar {

namespace {

constexpr std::size_t read_size = 256 << 10;

Error about(const std::string& path, const std::string& what)
{
    return Error{"\"" + path + "\": " + what};
}

Error failed(const std::string& path, const char* call)
{
    return about(path, std::string{call} + ": " + std::strerror(errno));
}

/// As much of it as goes; errno says why not all.
std::size_t write_all(int fd, std::string_view bytes) noexcept
{
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto written = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            break;
        }
        done += static_cast<std::size_t>(written);
    }
    return done;
}

}  // namespace

Result<LineFile> LineFile::open(const std::string& path, mode_t mode)
{
    LineFile log;
    log.path_ = path;
    // Not waiting for a FIFO's reader.
    log.fd_.reset(::open(path.c_str(),
                         O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode));
    if (!log.fd_) {
        return failed(path, "open");
    }
    struct stat status {};
    if (::fstat(log.fd_.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return about(path, "not a regular file");
    }
    if (::flock(log.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? about(path, "another process writes it")
                                    : failed(path, "flock");
    }
    log.identity_ = {status.st_dev, status.st_ino};
    log.size_ = static_cast<std::uint64_t>(status.st_size);
    if (log.size_ == 0) {
        (void)::fchmod(log.fd_.get(), mode);  // whatever the umask took from it
    }
    return log;
}

Result<std::string> LineFile::read_lines(std::uint64_t offset,
                                         const std::function<void(std::string_view)>& line) const
{
    std::string buffer;
    std::string block(read_size, '\0');
    while (offset < size_) {
        const auto got = ::pread(fd_.get(), block.data(), block.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return failed(path_, "read");
        }
        offset += static_cast<std::uint64_t>(got);
        buffer.append(block, 0, static_cast<std::size_t>(got));
        std::size_t begin = 0;
        for (auto end = buffer.find('\n'); end != buffer.npos; end = buffer.find('\n', begin)) {
            line(std::string_view{buffer}.substr(begin, end - begin));
            begin = end + 1;
        }
        buffer.erase(0, begin);
    }
    return buffer;
}

std::size_t LineFile::append(std::string_view lines, std::string& why)
{
    const auto done = write_all(fd_.get(), lines);
    if (done == lines.size()) {
        size_ += done;
        return done;
    }
    why = std::strerror(errno);
    const auto last_end = lines.substr(0, done).rfind('\n');
    const auto whole = last_end == lines.npos ? 0 : last_end + 1;
    if (done > whole && ::ftruncate(fd_.get(), static_cast<off_t>(size_ + whole)) != 0) {
        torn_ = lines.substr(whole, done - whole);
    }
    size_ += whole + torn_.size();
    return whole;
}

bool LineFile::ends_whole() const
{
    char last = '\n';
    return size_ == 0 ||
           (::pread(fd_.get(), &last, 1, static_cast<off_t>(size_ - 1)) == 1 && last == '\n');
}

bool LineFile::end_torn_line()
{
    if (write_all(fd_.get(), "\n") != 1) {
        return false;
    }
    ++size_;
    torn_.clear();
    return true;
}

Result<void> LineFile::sync() const
{
    return ::fdatasync(fd_.get()) == 0 ? Result<void>{} : failed(path_, "fdatasync");
}

bool LineFile::is_in_place() const
{
    struct stat status {};
    return ::lstat(path_.c_str(), &status) == 0 &&
           identity_ == Identity{status.st_dev, status.st_ino};
}

bool LineFile::look()
{
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0 || status.st_nlink == 0) {
        return false;
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
    return true;
}

Result<void> shift_files(const std::string& path, unsigned keep)
{
    const auto numbered = [&](unsigned number) {
        return number == 0 ? path : path + '.' + std::to_string(number);
    };
    for (unsigned number = keep; number > 0; --number) {
        const auto from = numbered(number - 1);
        if (std::rename(from.c_str(), numbered(number).c_str()) != 0 && errno != ENOENT) {
            return failed(from, "rename");
        }
    }
    return {};
}

}  // namespace gatehouse::sidecar
