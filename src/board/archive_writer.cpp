// Writes the board file: ArchiveWriter of archive.h.
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <span>
#include <string>
#include <vector>

#include "src/base/plain_file.h"
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
                         view.checksum(), card.rows, card.basis});
        end = offset + view.total_size();
        offset = next_page(end);
    }
    return index;
}

template <class T>
std::span<const std::byte> bytes_of(const T* first, std::size_t count) noexcept
{
    return std::as_bytes(std::span{first, count});
}

}  // namespace

Result<void> ArchiveWriter::write(const Archive& archive)
{
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

    std::vector<FilePiece> pieces{{0, bytes_of(&header, 1)},
                                  {page, bytes_of(index.data(), index.size())}};
    for (std::size_t i = 0; i < index.size(); ++i) {
        pieces.push_back({index[i].offset, archive.cards[i].published->bytes()});
    }
    auto fd = replace_file(file_, group_, end, pieces);
    if (!fd) {
        return Error{"board file " + fd.error().message};
    }
    fd_ = std::move(*fd);
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
    (void)::pwrite(fd_.get(), &beat, sizeof beat,
                   static_cast<off_t>(heartbeat_offsets[next_slot_]));
    next_slot_ ^= 1;
}

}  // namespace gatehouse::board
