// The audit region: decisions on their way from workers to the sidecar, in one memfd that the
// master makes, workers write and the sidecar reads.
//
//          0 ┌──────────────────────────────────────────┐
//            │ RegionHeader                    64 bytes │
//         64 ├──────────────────────────────────────────┤
//            │ reserved, 0                              │
//       4096 ├──────────────────────────────────────────┤
//            │ heads               1024 × 64 bytes      │  per slot: records ever written
//      69632 ├──────────────────────────────────────────┤
//            │ ring of slot 0     16384 × 320 bytes     │
//            ├──────────────────────────────────────────┤  each 5242880 bytes
//            │ ring of slot 1 …                         │
//            └──────────────────────────────────────────┘
//
// Rules
//   1. A ring has one writer, the holder of its slot (base/worker_slots.h). It never waits: what
//      nobody has read in time is written over. A slot's next holder goes on where the last one
//      was.
//   2. Record n (counted from 1) lies at (n - 1) % ring_capacity. Its sequence is 0 while it is
//      written and n when it is whole; then the head becomes n. So a reader that finds anything but
//      n in a record up to the head knows that it was written over.
//   3. Pages that nobody wrote take no memory, and readers touch those of heads alone until a head
//      says more.
//
// At 10,000 decisions a second in one worker, a reader may be away for 1.6 seconds.
// Numbers are in the machine's byte order: the bytes never leave it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gatehouse::audit {

inline constexpr std::uint64_t region_magic = 0x3154'4455'4148'5447;  // "GTHAUDT1"
inline constexpr std::uint32_t region_version = 1;

using Word = std::atomic<std::uint64_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == 8);

struct RegionHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t slot_count;
    std::uint64_t total_size;
    std::uint64_t id;  ///< random; tells regions of several nginx apart
    std::uint64_t reserved[4];
};
static_assert(sizeof(RegionHeader) == 64);
static_assert(offsetof(RegionHeader, id) == 24);

struct Head {
    Word written;
    Word reserved[7];
};
static_assert(sizeof(Head) == 64);

// --- a record ---

inline constexpr std::size_t longest_token_id = 64;
inline constexpr std::size_t longest_rule = 64;
inline constexpr std::size_t longest_user = 128;
inline constexpr std::size_t text_words = (longest_token_id + longest_rule + longest_user) / 8;

/// Atomic words: a reader may look while it is written over. The bytes of a word are in the order
/// given here, the first the lowest.
struct Record {
    Word sequence;
    Word at_ms;             ///< Unix time
    Word request_id[2];     ///< 16 bytes as they are written in hexadecimal
    Word client[2];         ///< IPv6 address in network order, IPv4 as ::ffff:a.b.c.d; 0: unknown
    Word decision;          ///< stage, verdict, reason, method: u8 each; status, endpoint: u16 each
    Word more;              ///< zone: u16; country: 2 letters; bytes of token id, rule, user, form
                            ///< of the request id: u8 each
    Word text[text_words];  ///< token id, rule, user, each from a word's first byte on
};
static_assert(sizeof(Record) == 320);
static_assert(offsetof(Record, text) == 64);

inline constexpr std::uint64_t ring_capacity = 16384;
inline constexpr unsigned slot_capacity = 1024;

// --- where it lies ---

inline constexpr std::size_t heads_offset = 4096;
inline constexpr std::size_t rings_offset = heads_offset + slot_capacity * sizeof(Head);
inline constexpr std::size_t ring_size = ring_capacity * sizeof(Record);
static_assert(rings_offset == 69632 && rings_offset % 4096 == 0);
static_assert(ring_size == 5242880 && ring_size % 4096 == 0);

constexpr std::size_t region_size(unsigned slot_count) noexcept
{
    return rings_offset + slot_count * ring_size;
}

}  // namespace gatehouse::audit
