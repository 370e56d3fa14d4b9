// The shared memory of a cap zone: a header, a table of cells, a row of counters for each cell.
//
//   0                                                      4096
//   | magic | version | sizes | hash key | slots used … |  cells …  |  counters …  |
//
// It is a memfd that the master makes and its workers inherit; `docs/formats.md` has the offsets.
//
// Thread safety: everything but open() may be used by many processes at once; within a process,
// one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/shared_memory.h"
#include "src/base/siphash.h"
#include "src/conn/cap_table.h"

namespace gatehouse::conn {

/// As it lies in memory. Written by who makes the zone, but for `slots_used`.
struct ZoneHeader {
    static constexpr std::size_t size = 4096;
    static constexpr std::uint64_t expected_magic = 0x4e4f435f48544147;  ///< "GATH_CON"
    static constexpr std::uint32_t expected_version = 1;

    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t header_size;
    std::uint64_t cell_count;
    std::uint64_t hash_key[2];
    std::uint32_t counters_per_cell;
    Counter slots_used;
};

/// Requests of one key that are told apart: a WebSocket is no page.
enum class Class : std::uint8_t { any, http, websocket, sse };

class Zone {
public:
    static constexpr std::size_t smallest_bytes = 64 * 1024;

    /// Takes about `bytes`; more only where worker slots are so many that sixteen cells need it.
    /// REQUIRES: bytes ≥ smallest_bytes, slots ≥ 1.
    static Result<Zone> make(const std::string& name, std::size_t bytes, unsigned slots);

    /// The counts of a key and class. Keys of any length, with any bytes.
    CellKey key(std::string_view key, Class of) const noexcept
    {
        return CellKey::of(siphash13(hash_key_, key), static_cast<std::uint64_t>(of));
    }

    CapTable& table() noexcept { return table_; }
    const CapTable& table() const noexcept { return table_; }

    std::size_t capacity() const noexcept { return capacity_; }
    int fd() const noexcept { return memory_.fd(); }

private:
    explicit Zone(SharedMemory memory) noexcept;

    SharedMemory memory_;
    SipKey hash_key_;
    CapTable table_;
    std::size_t capacity_ = 0;
};

}  // namespace gatehouse::conn
