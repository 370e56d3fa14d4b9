// A zone as others than nginx see it: those who were handed its descriptor.
//
// Invariant: whatever the memory holds, and however it changes meanwhile, nothing outside it is
// read or written. Cells are only changed as workers change them, in one step each.
//
// Thread safety: as Zone; several views of one memory may be used at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/base/cell_table.h"
#include "src/base/result.h"
#include "src/base/siphash.h"
#include "src/limit/standing.h"
#include "src/limit/window.h"

namespace gatehouse::limit {

class ZoneView {
public:
    enum class Access : std::uint8_t { read, write };

    /// Maps what the descriptor stands for, which stays the caller's. Refuses what is no zone of
    /// this version, or damaged. Members touch the memory: where its size is not sealed, the caller
    /// must be ready for SIGBUS in each of them. They make no object that has a destructor.
    static Result<ZoneView> open(int fd, Access access);

    ZoneView(ZoneView&& other) noexcept;
    ZoneView& operator=(ZoneView&& other) noexcept;
    ~ZoneView();

    std::uint64_t hash(std::string_view key) const noexcept { return siphash13_64(hash_key_, key); }

    /// Zone time; see Zone::now(). `utc_offset_ms` is what the workers of the zone reckon with.
    Now now(std::uint64_t monotonic_ms, std::int64_t utc_offset_ms) const noexcept
    {
        return {ticks_of_ms(monotonic_ms + zone_minus_monotonic_ms_), utc_offset_ms};
    }

    std::size_t capacity() const noexcept { return table_.cells().size(); }

    /// Cells that hold something: counted up to a quarter of a million cells, else estimated.
    std::uint64_t entries(Ticks now) const noexcept;

    Standing standing(const Window& window, std::uint64_t hash, Now now) const noexcept;

    /// Empties the cells of a key under this window; how many there were. REQUIRES: write access.
    unsigned free_key(const Window& window, std::uint64_t hash, Now now) noexcept;

    /// Empties every cell that holds something; how many. REQUIRES: write access.
    std::uint64_t free_all() noexcept;

private:
    ZoneView(void* mapping, std::size_t bytes) noexcept;

    std::uint64_t word(std::uint64_t hash, std::uint64_t salt) const noexcept;
    bool free_cell(const CellKey& key) noexcept;

    void* mapping_ = nullptr;
    std::size_t bytes_ = 0;
    CellTable table_;
    SipKey hash_key_;
    std::uint64_t zone_minus_monotonic_ms_ = 0;
};

}  // namespace gatehouse::limit
