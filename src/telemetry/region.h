// The telemetry region as its makers and writers see it; layout.h says what it looks like.
//
// Thread safety: as layout.h's rules have it. A Region is made once, in the parent of all that
// write.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/result.h"
#include "src/base/shared_memory.h"
#include "src/telemetry/layout.h"
#include "src/telemetry/series.h"

namespace gatehouse::telemetry {

/// Index 0 of every kind of names: what has no name of its own, and what found no room.
inline constexpr std::string_view other_name = "other";

class Region {
public:
    /// REQUIRES: 1 ≤ slot_count ≤ slot_capacity.
    static Result<Region> create(unsigned slot_count, std::int64_t now_ms);

    /// To be handed to readers.
    int fd() const noexcept { return memory_.fd(); }
    std::span<const std::byte> bytes() const noexcept { return memory_.bytes(); }

    /// The index of a name or series, which is added where it is not there yet. Nothing when there
    /// is no room; that is counted.
    std::optional<std::uint16_t> intern(NameKind kind, std::string_view name) noexcept;
    std::optional<std::uint16_t> add_series(SeriesKey key) noexcept;

    const Word* series() const noexcept { return at<Word>(series_offset); }

    /// The column of a slot that this process holds, marked for readers. REQUIRES: slot <
    /// slot_count.
    Column& open_column(unsigned slot) noexcept;

    /// After the holder of a slot has died.
    void clear_gauges(unsigned slot) noexcept;

private:
    explicit Region(SharedMemory memory) noexcept : memory_(std::move(memory)) {}

    template <class T>
    T* at(std::size_t offset) const noexcept
    {
        return reinterpret_cast<T*>(memory_.writable().data() + offset);
    }
    RegionHeader& header() const noexcept { return *at<RegionHeader>(0); }
    Column& column(unsigned slot) const noexcept
    {
        return *at<Column>(columns_offset + slot * sizeof(Column));
    }

    SharedMemory memory_;
};

}  // namespace gatehouse::telemetry
