// The shared memory of a limit: a header and a table of cells, one cell per key and window.
//
//   0                                                            4096
//   | magic | version | size | hash key | description … | clock  |  cells …            |
//
// It is a memfd, or a file that outlives nginx. `docs/formats.md` has the offsets.
//
// Zone time begins near 0 and goes on through reboots: on one boot it is the monotonic clock and a
// constant, from one to the next the wall clock says how long the machine was away.
//
// Thread safety: everything but open() may be used by many processes at once. Processes that open
// one file wait for each other, and disturb nobody who uses it already.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/base/cell_table.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"
#include "src/limit/window.h"

namespace gatehouse::limit {

/// As it lies in memory. Written by who opens the zone, but for the beat.
struct ZoneHeader {
    static constexpr std::size_t size = 4096;
    static constexpr std::uint64_t expected_magic = 0x454e4f5a48544147;  ///< "GATHZONE"
    static constexpr std::uint32_t expected_version = 1;

    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t header_size;
    std::uint64_t cell_count;
    std::uint64_t hash_key[2];
    std::uint32_t description_size;
    std::uint32_t reserved;
    char description[1024];  ///< what the cells mean; see ZoneSettings
    std::uint64_t checksum;  ///< over what stands before it, without the magic

    std::uint64_t zone_minus_monotonic_ms;  ///< zone time is the monotonic clock plus this
    char boot_id[40];                       ///< of the boot whose monotonic clock that is
    std::uint64_t beat_zone_ms;             ///< zone time and Unix time of the last beat
    std::int64_t beat_unix_ms;
};

/// What two generations of a configuration must agree on to share a zone.
struct ZoneSettings {
    std::string name;
    std::size_t bytes = 0;
    std::string key;   ///< the expression, such as "$gate_client"
    std::string path;  ///< empty: memory only
};

/// The clocks of this moment.
struct Clocks {
    std::uint64_t monotonic_ms = 0;
    std::int64_t unix_ms = 0;
    std::string boot_id;
};

Clocks read_clocks();

/// How many cells hold something at `now`: counted where the table is small, else estimated from
/// `sample` cells, in buckets spread over it, two cache lines for every eight of them.
std::uint64_t count_entries(std::span<const Cell> cells, Ticks now, std::size_t sample) noexcept;

class Zone {
public:
    static constexpr std::size_t smallest_bytes = std::size_t{64} * 1024;

    /// Makes the zone, or opens what a file holds. A file that is another zone's, or damaged, is an
    /// error; one of another size or version is too.
    static Result<Zone> open(const ZoneSettings& settings, const Clocks& clocks);

    Zone(Zone&&) noexcept;
    Zone& operator=(Zone&&) noexcept;
    ~Zone();

    std::uint64_t hash(std::string_view key) const noexcept { return siphash13_64(hash_key_, key); }

    /// Zone time, from what nginx keeps as the monotonic time.
    Now now(std::uint64_t monotonic_ms) const noexcept
    {
        return {ticks_of_ms(monotonic_ms + zone_minus_monotonic_ms_), utc_offset_ms_};
    }

    /// To be called about once a second: a file then knows how long nginx was away.
    void beat(const Clocks& clocks) noexcept;

    CellTable& table() noexcept { return table_; }
    const CellTable& table() const noexcept { return table_; }
    int fd() const noexcept { return fd_.get(); }
    std::size_t capacity() const noexcept { return table_.cells().size(); }

    std::uint64_t entries(Ticks now, std::size_t sample = 4096) const noexcept
    {
        return count_entries(table_.cells(), now, sample);
    }

private:
    Zone(UniqueFd fd, void* mapping, std::size_t bytes) noexcept;

    void begin(const ZoneHeader& header, const Clocks& clocks) noexcept;

    UniqueFd fd_;
    void* mapping_ = nullptr;
    std::size_t bytes_ = 0;
    CellTable table_;
    SipKey hash_key_;
    std::uint64_t zone_minus_monotonic_ms_ = 0;
    std::int64_t utc_offset_ms_ = 0;
};

}  // namespace gatehouse::limit
