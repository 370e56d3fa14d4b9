// Writes the board file: ArchiveWriter of archive.h.
#include <fcntl.h>
#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cerrno>
#include <cstring>

#include "src/board/archive.h"
#include "src/board/checksum.h"

namespace gatehouse::board {

namespace {

constexpr std::uint64_t page = archive_entries_offset;

std::uint64_t next_page(std::uint64_t offset) noexcept
{
    return (offset + page - 1) / page * page;
}

std::vector<ArchiveEntry> index_of(const Archive& archive, std::uint64_t& end)
{
    std::vector<ArchiveEntry> index;
    std::uint64_t offset = next_page(page + archive.cards.size() * sizeof(ArchiveEntry));
    end = offset;
    for (const auto& card : archive.cards) {
        const auto& view = card.published->view();
        index.push_back({offset, view.total_size(), card.verified_at_ms, card.current ? 1u : 0u,
                         view.checksum()});
        end = offset + view.total_size();
        offset = next_page(end);
    }
    return index;
}

bool write_at(int fd, const void* data, std::size_t size, std::uint64_t offset) noexcept
{
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
        const auto written = ::pwrite(fd, bytes, size, static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes += written;
        size -= static_cast<std::size_t>(written);
        offset += static_cast<std::uint64_t>(written);
    }
    return true;
}

/// The rename itself must reach the disk, or a crash brings the old file back.
void sync_directory_of(const std::string& file) noexcept
{
    const auto slash = file.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : file.substr(0, slash + 1);
    const UniqueFd fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (fd) {
        (void)::fsync(fd.get());
    }
}

}  // namespace

Result<void> ArchiveWriter::write(const Archive& archive)
{
    const std::string temporary = file_ + ".new";
    const auto failed = [&](const char* call) {
        const Error error{"board file \"" + temporary + "\": " + call + ": " +
                          std::strerror(errno)};
        (void)::unlink(temporary.c_str());
        return error;
    };

    std::uint64_t end = 0;
    const auto index = index_of(archive, end);
    ArchiveHeader header{archive_magic,
                         archive_version,
                         static_cast<std::uint32_t>(index.size()),
                         end,
                         archive.generation,
                         archive.written_at_ms,
                         XXH3_64bits(index.data(), index.size() * sizeof(ArchiveEntry)),
                         0,
                         0};
    header.header_checksum = header_checksum(header);

    (void)::unlink(temporary.c_str());
    UniqueFd fd{
        ::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640)};
    if (!fd) {
        return failed("open");
    }
    if (group_ != static_cast<gid_t>(-1) &&
        ::fchown(fd.get(), static_cast<uid_t>(-1), group_) != 0) {
        return failed("fchown");
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(end)) != 0) {
        return failed("ftruncate");
    }
    bool written = write_at(fd.get(), &header, sizeof header, 0) &&
                   write_at(fd.get(), index.data(), index.size() * sizeof(ArchiveEntry), page);
    for (std::size_t i = 0; written && i < index.size(); ++i) {
        const auto bytes = archive.cards[i].published->bytes();
        written = write_at(fd.get(), bytes.data(), bytes.size(), index[i].offset);
    }
    if (!written) {
        return failed("write");
    }
    if (::fsync(fd.get()) != 0) {
        return failed("fsync");
    }
    if (::rename(temporary.c_str(), file_.c_str()) != 0) {
        return failed("rename");
    }
    sync_directory_of(file_);
    fd_ = std::move(fd);
    seed_ = header.index_checksum;
    return {};
}

void ArchiveWriter::beat(std::int64_t now_ms) noexcept
{
    if (!fd_) {
        return;
    }
    const Heartbeat beat{now_ms, heartbeat_checksum(now_ms, seed_)};
    // A failure leaves the older beat: the data then count as older than they are, never as
    // younger.
    (void)write_at(fd_.get(), &beat, sizeof beat, heartbeat_offsets[next_slot_]);
    next_slot_ ^= 1;
}

}  // namespace gatehouse::board
