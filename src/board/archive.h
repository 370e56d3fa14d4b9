// The last good board on disk: what nginx serves when it starts while the sidecar is away, and what
// the sidecar itself starts from.
//
//        0 ┌──────────────────────────────────────────────┐
//          │ ArchiveHeader                       64 bytes │
//          │ (hole up to 512)                             │
//      512 │ Heartbeat slot 0                    16 bytes │  rewritten in place about once a
//      second,
//     1024 │ Heartbeat slot 1                    16 bytes │  in turn: one of them is always whole
//          │ (hole up to 4096)                            │
//     4096 ├──────────────────────────────────────────────┤
//          │ ArchiveEntry × entry_count    64 bytes each  │
//          ├──────────────────────────────────────────────┤
//          │ snapshots (snapshot.h), each at a            │
//          │ multiple of 4096                             │
//          └──────────────────────────────────────────────┘  total_size
//
// Written to a temporary file, fsynced and renamed over the old one. A reader takes all of it or
// nothing: any flaw, be it one flipped bit in one card, refuses the whole file.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/unique_fd.h"
#include "src/board/published.h"

namespace gatehouse::board {

inline constexpr std::uint64_t archive_magic = 0x3144'524f'4248'5447;  // "GTHBORD1"
inline constexpr std::uint32_t archive_version = 2;

struct ArchiveHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t entry_count;
    std::uint64_t total_size;
    std::uint64_t generation;  ///< highest of the board when it was written
    std::int64_t written_at_ms;
    std::uint64_t index_checksum;   ///< XXH3-64 of all entries
    std::uint64_t header_checksum;  ///< XXH3-64 of this header with this field as 0
    std::uint64_t reserved;
};
static_assert(sizeof(ArchiveHeader) == 64);

/// Says until when the sidecar was alive and stood by every entry flagged `current`.
struct Heartbeat {
    std::int64_t at_ms;
    std::uint64_t checksum;  ///< XXH3-64 of at_ms, seeded with the header's index_checksum
};
static_assert(sizeof(Heartbeat) == 16);

/// What a card's data were made of, as a digest: a sidecar that finds today's the same need not
/// make them again. Zeros: nobody can tell.
struct Basis {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    bool is_known() const noexcept { return low != 0 || high != 0; }
    bool operator==(const Basis&) const = default;
};
static_assert(sizeof(Basis) == 16);

struct ArchiveEntry {
    std::uint64_t offset;
    std::uint64_t size;
    std::int64_t verified_at_ms;
    std::uint64_t current;   ///< 1: verified anew by every heartbeat
    std::uint64_t checksum;  ///< the snapshot's own, so that entries cannot be swapped
    std::uint64_t rows;      ///< that its computation yielded
    Basis basis;
};
static_assert(sizeof(ArchiveEntry) == 64);

inline constexpr std::size_t heartbeat_offsets[2] = {512, 1024};
inline constexpr std::size_t archive_entries_offset = 4096;

/// One card as it stands in an archive.
struct ArchivedCard {
    std::shared_ptr<const Published> published;
    std::int64_t verified_at_ms = 0;
    bool current = false;
    std::uint64_t rows = 0;
    Basis basis{};
};

struct Archive {
    std::uint64_t generation = 0;
    std::int64_t written_at_ms = 0;
    std::vector<ArchivedCard> cards;
};

/// Reads and verifies the file into sealed memory of our own, so that later changes of the file
/// cannot reach what was verified. Refuses anything that is not a regular file, a symbolic link
/// included, and a file that a stranger may have made: one that everybody may write to, or in a
/// directory that everybody may write to (such as /tmp) of an owner who is not root, this user or
/// the directory's. Errors name the file and the flaw. A missing file is an error too; tell it by
/// archive_exists.
Result<Archive> read_archive(const std::string& file);
bool archive_exists(const std::string& file) noexcept;

/// What a file claims about itself, from its first page alone; all 0 where there is none.
struct ArchiveStamp {
    std::uint64_t generation = 0;
    std::int64_t alive_at_ms = 0;  ///< its last heartbeat, or when it was written if that is later
};
ArchiveStamp archive_stamp(const std::string& file) noexcept;
inline std::uint64_t archive_generation(const std::string& file) noexcept
{
    return archive_stamp(file).generation;
}

/// Replaces the file. It keeps an open descriptor so that beat() can renew the heartbeat in place.
class ArchiveWriter {
public:
    /// `group` gets to read the file beside its owner; -1: the process's own group.
    explicit ArchiveWriter(std::string file, gid_t group = static_cast<gid_t>(-1))
        : file_(std::move(file)), group_(group)
    {
    }

    Result<void> write(const Archive& archive);

    /// Renews the heartbeat of the file last written. Nothing to do before the first write.
    void beat(std::int64_t now_ms) noexcept;

private:
    std::string file_;
    gid_t group_;
    UniqueFd fd_;
    std::uint64_t seed_ = 0;
    unsigned next_slot_ = 0;
};

}  // namespace gatehouse::board
