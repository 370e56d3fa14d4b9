// The header of a zone: made, checked, and carried on from one boot to the next.
//
// Thread safety: none; zone.cpp holds the file's lock.
#pragma once

#include "src/base/result.h"
#include "src/limit/zone.h"

namespace gatehouse::limit {

std::uint64_t cells_in(std::size_t bytes) noexcept;

/// Why a zone's file cannot be used, and what to do about it.
Error refused(const ZoneSettings& settings, const std::string& why);

Error damaged_clock(const ZoneSettings& settings);

/// Makes a header of what is all zero. The magic is written last.
Result<void> initialize(ZoneHeader& header, const ZoneSettings& settings, const Clocks& clocks);

/// Whether the header is whole, and of the zone that these settings want.
Result<void> check(const ZoneHeader& header, const ZoneSettings& settings);

/// Whether a header of the right magic and version is whole, and of a zone of that size.
bool is_sound(const ZoneHeader& header, std::size_t bytes) noexcept;

enum class Resumed {
    running,   ///< the clock is right already
    rebooted,  ///< and now goes on after the pause
    outdated,  ///< so, from 0: the cells mean nothing any more and must be cleared
    damaged,   ///< the clock makes no sense
};

/// Sets zone time right after a boot. REQUIRES: check() found no fault.
Resumed resume(ZoneHeader& header, const Clocks& clocks) noexcept;

}  // namespace gatehouse::limit
