#include "src/board/archive.h"

#include "src/board/checksum.h"

#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "src/base/plain_file.h"

namespace gatehouse::board {

std::uint64_t header_checksum(ArchiveHeader header) noexcept
{
    header.header_checksum = 0;
    return XXH3_64bits(&header, sizeof header);
}

std::uint64_t heartbeat_checksum(std::int64_t at_ms, std::uint64_t seed) noexcept
{
    return XXH3_64bits_withSeed(&at_ms, sizeof at_ms, seed);
}

namespace {

constexpr std::uint64_t largest_file = std::uint64_t{64} << 30;

Error flaw(const std::string& file, const std::string& what)
{
    return Error{"board file \"" + file + "\": " + what};
}

Result<SealedMemory> load(const std::string& file)
{
    const auto opened = open_trusted_file(file);
    if (!opened) {
        return flaw(file, opened.error().message);
    }
    const std::uint64_t size = opened->size;
    if (size < archive_entries_offset || size > largest_file) {
        return flaw(file, "its size of " + std::to_string(size) + " bytes is impossible");
    }
    return SealedMemory::create("gatehouse-board", size,
                                [&](std::span<std::byte> out) -> Result<void> {
                                    auto read = read_plain_file(opened->fd.get(), 0, out);
                                    return read ? read : flaw(file, read.error().message);
                                });
}

/// 0 if neither slot holds one. REQUIRES: first_page holds both slots.
std::int64_t last_heartbeat(std::span<const std::byte> first_page, std::uint64_t seed) noexcept
{
    std::int64_t last = 0;
    for (const auto offset : heartbeat_offsets) {
        Heartbeat beat;
        std::memcpy(&beat, first_page.data() + offset, sizeof beat);
        if (beat.checksum == heartbeat_checksum(beat.at_ms, seed)) {
            last = std::max(last, beat.at_ms);
        }
    }
    return last;
}

/// Takes an archive apart. REQUIRES: the memory holds at least archive_entries_offset bytes.
class Reader {
public:
    Reader(const std::string& file, std::shared_ptr<const SealedMemory> memory)
        : file_(file), memory_(std::move(memory)), bytes_(memory_->bytes())
    {
        std::memcpy(&header_, bytes_.data(), sizeof header_);
    }

    Result<Archive> read()
    {
        if (auto sound = check_header(); !sound) {
            return sound.error();
        }
        Archive archive{header_.generation, header_.written_at_ms, {}};
        const std::int64_t heartbeat = last_heartbeat(bytes_, header_.index_checksum);
        for (std::uint32_t i = 0; i < header_.entry_count; ++i) {
            auto card = read_card(entry(i), heartbeat);
            if (!card) {
                return flaw(file_, "card " + std::to_string(i) + ": " + card.error().message);
            }
            archive.cards.push_back(std::move(*card));
        }
        return archive;
    }

private:
    Result<void> check_header() const
    {
        if (header_.magic != archive_magic) {
            return flaw(file_, "is not a board of this machine's kind (wrong magic)");
        }
        if (header_.version != archive_version) {
            return flaw(file_, "has version " + std::to_string(header_.version) + ", expected " +
                                   std::to_string(archive_version));
        }
        if (header_.header_checksum != header_checksum(header_)) {
            return flaw(file_, "header checksum does not match");
        }
        if (header_.total_size != bytes_.size()) {
            return flaw(file_, "has " + std::to_string(bytes_.size()) + " bytes, its header says " +
                                   std::to_string(header_.total_size));
        }
        const auto room = (bytes_.size() - archive_entries_offset) / sizeof(ArchiveEntry);
        if (header_.entry_count > room) {
            return flaw(file_, "has more cards than room for them");
        }
        const auto* entries = bytes_.data() + archive_entries_offset;
        if (XXH3_64bits(entries, header_.entry_count * sizeof(ArchiveEntry)) !=
            header_.index_checksum) {
            return flaw(file_, "index checksum does not match");
        }
        return {};
    }

    ArchiveEntry entry(std::uint32_t index) const noexcept
    {
        ArchiveEntry found;
        std::memcpy(&found, bytes_.data() + archive_entries_offset + index * sizeof found,
                    sizeof found);
        return found;
    }

    Result<ArchivedCard> read_card(const ArchiveEntry& found, std::int64_t heartbeat) const
    {
        if (found.offset % archive_entries_offset != 0 || found.offset > bytes_.size() ||
            found.size > bytes_.size() - found.offset) {
            return Error{"lies outside the file"};
        }
        auto published = Published::open(memory_, found.offset);
        if (!published) {
            return published.error();
        }
        const auto& view = (*published)->view();
        if (view.total_size() != found.size || view.checksum() != found.checksum ||
            !view.checksum_matches()) {
            return Error{"checksum does not match"};
        }
        const bool current = found.current == 1;
        return ArchivedCard{
            std::move(*published),
            current ? std::max(found.verified_at_ms, heartbeat) : found.verified_at_ms, current,
            found.rows, found.basis};
    }

    const std::string& file_;
    std::shared_ptr<const SealedMemory> memory_;
    std::span<const std::byte> bytes_;
    ArchiveHeader header_{};
};

}  // namespace

Result<Archive> read_archive(const std::string& file)
{
    auto memory = load(file);
    if (!memory) {
        return memory.error();
    }
    return Reader{file, std::make_shared<const SealedMemory>(std::move(*memory))}.read();
}

bool archive_exists(const std::string& file) noexcept
{
    struct stat status {};
    return ::lstat(file.c_str(), &status) == 0;
}

ArchiveStamp archive_stamp(const std::string& file) noexcept
{
    std::array<std::byte, archive_entries_offset> page{};
    ArchiveHeader header;
    const UniqueFd fd = open_plain(file);
    if (!fd ||
        ::pread(fd.get(), page.data(), page.size(), 0) != static_cast<ssize_t>(page.size())) {
        return {};
    }
    std::memcpy(&header, page.data(), sizeof header);
    if (header.magic != archive_magic || header.header_checksum != header_checksum(header)) {
        return {};
    }
    return {header.generation,
            std::max(header.written_at_ms, last_heartbeat(page, header.index_checksum))};
}

}  // namespace gatehouse::board
