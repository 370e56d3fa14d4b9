// The bytes of one published card: every format and encoding it is served in, in one sealed memfd.
//
//        0 ┌──────────────────────────────────────────────┐
//          │ SnapshotHeader                     160 bytes │
//      160 ├──────────────────────────────────────────────┤
//          │ RepresentationEntry × 16      48 bytes each  │  one slot per format × encoding,
//          │   slot = format * 4 + encoding               │  body_size and etag 0 where absent
//      928 ├──────────────────────────────────────────────┤
//          │ strings: name, path, cache_control, …        │  not terminated; referred to by
//          │                                              │  offset from 0 and length
//          ├──────────────────────────────────────────────┤
//          │ bodies                                       │  each at a multiple of 64,
//          │                                              │  from 64 KiB on of 4096 (sendfile)
//          └──────────────────────────────────────────────┘  total_size
//
// All numbers are in the machine's byte order: the bytes never leave the machine, but for the board
// file, whose magic differs on a machine of the other order. `checksum` is XXH3-64 over all bytes
// with the checksum field itself as 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/representation.h"
#include "src/base/result.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::board {

inline constexpr std::uint64_t snapshot_magic = 0x3150'414e'5348'5447;  // "GTHSNAP1"
inline constexpr std::uint32_t snapshot_version = 1;

struct StringRef {
    std::uint32_t offset;
    std::uint32_t length;
};

struct SnapshotHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t header_size;     ///< offset of the first RepresentationEntry
    std::uint64_t total_size;      ///< bytes of the whole snapshot
    std::uint64_t checksum;        ///< see above
    std::uint64_t generation;      ///< of the board, rises with every publish of any card
    std::int64_t computed_at_ms;   ///< Unix time
    std::int64_t last_modified_s;  ///< Unix time at which the bytes last changed
    std::uint64_t max_age_ms;      ///< fresh for so long after it was verified
    std::int64_t stale_ms;         ///< served for so long past max_age; -1: the server's setting
    StringRef name;
    StringRef path;           ///< as in the URI after decoding, begins with '/'
    StringRef cache_control;  ///< header values, ready to send
    StringRef last_modified;
    StringRef require;          ///< scopes the caller must have, separated by one space
    StringRef link;             ///< value of the field Link; length 0: there is none
    std::uint64_t reserved[5];  ///< 0
};
static_assert(sizeof(SnapshotHeader) == 160);
static_assert(offsetof(SnapshotHeader, checksum) == 24);
static_assert(offsetof(SnapshotHeader, name) == 72);
static_assert(offsetof(SnapshotHeader, reserved) == 120);

struct RepresentationEntry {
    std::uint64_t body_offset;
    std::uint64_t body_size;
    StringRef content_type;
    StringRef etag;             ///< with its quotes; length 0: this representation is absent
    std::uint64_t reserved[2];  ///< 0
};
static_assert(sizeof(RepresentationEntry) == 48);
static_assert(offsetof(RepresentationEntry, content_type) == 16);

inline constexpr std::size_t representation_slots = format_count * encoding_count;
inline constexpr std::size_t snapshot_strings_offset =
    sizeof(SnapshotHeader) + representation_slots * sizeof(RepresentationEntry);
static_assert(snapshot_strings_offset == 928);

/// One representation as the server needs it. Views into the snapshot.
struct Representation {
    std::string_view content_type;
    std::string_view etag;
    std::string_view body;
    std::uint64_t body_offset;  ///< of the body from the snapshot's first byte
};

/// Reads a snapshot in place. Views only: the memory must outlive it.
///
/// Invariant: everything it hands out lies inside the bytes it was opened on, and every string is
/// free of control characters, so it may stand in a header.
class SnapshotView {
public:
    /// Checks magic, version, sizes and every reference, in time independent of the bodies' size.
    /// Bytes beyond total_size are ignored.
    static Result<SnapshotView> open(std::span<const std::byte> bytes);

    /// Reads every byte. For what was on a disk; sealed memory of a trusted peer needs no such
    /// check.
    bool checksum_matches() const noexcept;

    std::uint64_t generation() const noexcept { return header().generation; }
    std::uint64_t total_size() const noexcept { return header().total_size; }
    std::uint64_t checksum() const noexcept { return header().checksum; }
    std::int64_t computed_at_ms() const noexcept { return header().computed_at_ms; }
    std::int64_t last_modified_s() const noexcept { return header().last_modified_s; }
    std::uint64_t max_age_ms() const noexcept { return header().max_age_ms; }
    std::int64_t stale_ms() const noexcept { return header().stale_ms; }
    std::string_view name() const noexcept { return text(header().name); }
    std::string_view path() const noexcept { return text(header().path); }
    std::string_view cache_control() const noexcept { return text(header().cache_control); }
    std::string_view last_modified() const noexcept { return text(header().last_modified); }
    std::string_view require() const noexcept { return text(header().require); }
    std::string_view link() const noexcept { return text(header().link); }

    FormatSet formats() const noexcept { return formats_; }
    EncodingSet encodings(Format format) const noexcept
    {
        return encodings_[static_cast<std::size_t>(format)];
    }

    /// REQUIRES: encodings(format).contains(encoding).
    Representation representation(Format format, Encoding encoding) const noexcept;

private:
    explicit SnapshotView(const std::byte* data) noexcept : data_(data) {}

    const SnapshotHeader& header() const noexcept
    {
        return *reinterpret_cast<const SnapshotHeader*>(data_);
    }
    const RepresentationEntry& entry(std::size_t slot) const noexcept;
    std::string_view text(StringRef ref) const noexcept
    {
        return {reinterpret_cast<const char*>(data_) + ref.offset, ref.length};
    }
    bool strings_are_sound() const noexcept;
    bool index_representations() noexcept;
    bool representation_is_sound(const RepresentationEntry& entry) const noexcept;
    bool is_header_text(StringRef ref) const noexcept;

    const std::byte* data_;
    FormatSet formats_;
    EncodingSet encodings_[format_count];
};

/// What a snapshot is built from. Views: they must live until build_snapshot returns.
struct SnapshotSpec {
    struct Body {
        Format format = Format::json;
        Encoding encoding = Encoding::identity;
        std::string_view content_type;
        std::string_view bytes;
    };

    std::string_view name;
    std::string_view path;
    std::string_view cache_control;
    std::string_view require;
    std::string_view link;
    std::uint64_t generation = 0;
    std::int64_t computed_at_ms = 0;
    std::int64_t last_modified_s = 0;
    std::uint64_t max_age_ms = 0;
    std::int64_t stale_ms = -1;
    std::vector<Body> bodies;  ///< at most one per format and encoding; identity where any other is
};

/// Lays out and seals a snapshot. The ETag of each body is the XXH3-64 of its bytes, so equal bytes
/// have equal tags on every machine and after every restart.
Result<SealedMemory> build_snapshot(const SnapshotSpec& spec);

/// The same bytes in memory of this process alone; whoever opens them has checks of his own.
std::vector<std::byte> build_unsealed(const SnapshotSpec& spec);

/// The strong ETag of a body, with its quotes.
std::string etag_of(std::string_view body);

}  // namespace gatehouse::board
