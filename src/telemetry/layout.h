// The telemetry region: what workers count, in one memfd that the master makes, workers write and
// anybody who is handed the descriptor reads.
//
//          0 ┌──────────────────────────────────────────┐
//            │ RegionHeader                    64 bytes │
//         64 ├──────────────────────────────────────────┤
//            │ reserved, 0                              │
//       4096 ├──────────────────────────────────────────┤
//            │ slot marks          1024 × u32           │  1: that column was ever written
//       8192 ├──────────────────────────────────────────┤
//            │ names               2560 × u64           │  endpoints, limit zones, cap zones,
//            │                                          │  cards; see NameCell
//      28672 ├──────────────────────────────────────────┤
//            │ series             32768 × u64           │  hash table: labels → index of a counter
//     290816 ├──────────────────────────────────────────┤
//            │ heap              524288 bytes           │  the names' bytes
//     815104 ├──────────────────────────────────────────┤
//            │ column of slot 0                         │
//            ├──────────────────────────────────────────┤  each 1462272 bytes
//            │ column of slot 1 …                       │
//            └──────────────────────────────────────────┘
//
// and in a column
//
//          0 ┌──────────────────────────────────────────┐
//            │ ring head                        64 bytes│
//         64 │ gauges               504 × i64           │  zeroed when the slot's holder has died
//       4096 ├──────────────────────────────────────────┤
//            │ counters           24576 × u64           │
//     200704 ├──────────────────────────────────────────┤
//            │ histograms          1024 × 22 × u64      │  one per endpoint: buckets, sum, least,
//            most
//     380928 ├──────────────────────────────────────────┤
//            │ decision ring        512 × 64 bytes      │
//     413696 ├──────────────────────────────────────────┤
//            │ top keys             256 × 4096 bytes    │  a sketch per limit zone
//            └──────────────────────────────────────────┘ 1462272
//
// Rules
//   1. A column has one writer, the holder of its slot (base/worker_slots.h), who writes with plain
//      stores. A counter's value is the sum over all columns; no column is ever cleared but its
//      gauges, so that sum never falls.
//   2. Names and series are only ever added, by any worker and by the master, each by one
//      compare-and-swap; an index once given stays. So indices survive reloads.
//   3. Pages that nobody wrote take no memory. Readers touch those of marked slots alone.
//
// Numbers are in the machine's byte order: the bytes never leave it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gatehouse::telemetry {

inline constexpr std::uint64_t region_magic = 0x3145'4c45'5448'5447;  // "GTHTELE1"
inline constexpr std::uint32_t region_version = 2;

using Word = std::atomic<std::uint64_t>;
using Gauge = std::atomic<std::int64_t>;
using Mark = std::atomic<std::uint32_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == 8);
static_assert(Gauge::is_always_lock_free && sizeof(Gauge) == 8);
static_assert(Mark::is_always_lock_free && sizeof(Mark) == 4);

struct RegionHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t slot_count;
    std::uint64_t total_size;
    std::int64_t started_at_ms;  ///< Unix time from which the counters count
    Word heap_used;              ///< bytes of the heap that were given away
    Word series_used;            ///< counters that were given away, the first included
    Word dropped;                ///< names and series for which there was no room
    std::uint64_t reserved;      ///< 0
};
static_assert(sizeof(RegionHeader) == 64);
static_assert(offsetof(RegionHeader, heap_used) == 32);

// --- what there is room for ---

enum class NameKind : std::uint8_t { endpoint, limit_zone, cap_zone, card };
inline constexpr std::size_t name_kinds = 4;

inline constexpr unsigned endpoint_capacity = 1024;
inline constexpr unsigned limit_zone_capacity = 256;
inline constexpr unsigned cap_zone_capacity = 256;
inline constexpr unsigned card_capacity = 1024;
inline constexpr unsigned name_capacity =
    endpoint_capacity + limit_zone_capacity + cap_zone_capacity + card_capacity;
static_assert(name_capacity == 2560);

inline constexpr std::size_t longest_name = 256;
inline constexpr std::size_t heap_size = 512 << 10;
inline constexpr unsigned slot_capacity = 1024;
inline constexpr unsigned series_cells = 32768;
inline constexpr unsigned counter_capacity = 24576;  ///< index 0 counts what has no series
inline constexpr unsigned gauge_capacity = 504;
inline constexpr unsigned ring_capacity = 512;

// --- where it lies ---

inline constexpr std::size_t marks_offset = 4096;
inline constexpr std::size_t names_offset = marks_offset + slot_capacity * sizeof(Mark);
inline constexpr std::size_t series_offset = names_offset + name_capacity * sizeof(Word);
inline constexpr std::size_t heap_offset = series_offset + series_cells * sizeof(Word);
inline constexpr std::size_t columns_offset = heap_offset + heap_size;
static_assert(names_offset == 8192 && series_offset == 28672);
static_assert(heap_offset == 290816 && columns_offset == 815104);
static_assert(columns_offset % 4096 == 0);

/// A name: bit 63 set, its length in bits 32 to 47, its offset in the heap below. 0: none yet.
inline constexpr std::uint64_t name_is_set = std::uint64_t{1} << 63;

// --- a column ---

/// Finite upper bounds in nanoseconds: 100 µs to 60 s. The last bucket has none.
inline constexpr std::uint64_t bucket_bounds_ns[] = {
    100'000,       250'000,       500'000,       1'000'000,      2'500'000,      5'000'000,
    10'000'000,    25'000'000,    50'000'000,    100'000'000,    250'000'000,    500'000'000,
    1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000, 30'000'000'000, 60'000'000'000,
};
inline constexpr unsigned bucket_count = sizeof bucket_bounds_ns / sizeof *bucket_bounds_ns + 1;
static_assert(bucket_count == 19);

struct Histogram {
    Word buckets[bucket_count];  ///< not cumulative
    Word sum_ns;
    Word min_ns, max_ns;  ///< of all, since the region was made; min_ns 0: there was none
};
static_assert(sizeof(Histogram) == 176);

/// One decision; see ring.h. Atomic words: a reader may look while it is written over.
struct RingRecord {
    Word sequence;  ///< 1 and up; 0: being written, or never was
    Word words[7];
};
static_assert(sizeof(RingRecord) == 64);

inline constexpr unsigned top_entries = 63;
inline constexpr unsigned label_words = 5;

/// The keys of one limit zone that were refused most; see top_keys.h.
struct TopKeys {
    Word version;  ///< odd while it is being changed
    Word reserved[7];
    Word hashes[top_entries];
    Word counts[top_entries];
    Word errors[top_entries];
    Word labels[top_entries][label_words];  ///< text, padded with NUL
};
static_assert(sizeof(TopKeys) == 4096);

struct Column {
    Word ring_head;  ///< decisions ever written
    std::uint64_t reserved[7];
    Gauge gauges[gauge_capacity];
    Word counters[counter_capacity];
    Histogram histograms[endpoint_capacity];
    RingRecord ring[ring_capacity];
    TopKeys top_keys[limit_zone_capacity];
};
static_assert(offsetof(Column, gauges) == 64);
static_assert(offsetof(Column, counters) == 4096);
static_assert(offsetof(Column, histograms) == 200704);
static_assert(offsetof(Column, ring) == 380928);
static_assert(offsetof(Column, top_keys) == 413696);
static_assert(sizeof(Column) == 1462272 && sizeof(Column) % 4096 == 0);

// --- what the gauges of a column are ---

/// Of the cap zone of the same index: requests and connections it holds.
inline constexpr unsigned first_cap_gauge = 0;
inline constexpr unsigned websocket_gauge = cap_zone_capacity;
static_assert(websocket_gauge < gauge_capacity);

constexpr std::size_t region_size(unsigned slot_count) noexcept
{
    return columns_offset + slot_count * sizeof(Column);
}

}  // namespace gatehouse::telemetry
