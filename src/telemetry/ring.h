// The decision ring: the last decisions of one worker, in records of a fixed size. Written over
// from the oldest on; a reader can tell what it read from what was written over meanwhile.
//
// Record n (counted from 1) lies at (n - 1) % ring_capacity. Its sequence number is 0 while it is
// written and n when it is whole.
//
// Thread safety: one writer per column; readers anywhere. A writer that died half-way leaves one
// record with sequence 0, and the next writer goes on behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/telemetry/decision.h"
#include "src/telemetry/layout.h"

namespace gatehouse::telemetry {

/// Some thirty instructions.
void write_decision(Column& column, const Decision& decision) noexcept;

/// Record `number` (from 1), or nothing if it was written over, is being written, or never was.
std::optional<Decision> read_decision(const Column& column, std::uint64_t number) noexcept;

/// The last `most` decisions that are still there, oldest first. `after`: only those behind that
/// number.
std::vector<Decision> read_decisions(const Column& column, unsigned most, std::uint64_t after = 0);

}  // namespace gatehouse::telemetry
