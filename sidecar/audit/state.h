// What the audit log must remember from one run to the next: where the chain ends, and how far each
// ring was read. Written after the log has reached the disk, so that it is never ahead of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/audit/line.h"
#include "src/audit/chain.h"
#include "src/base/result.h"

namespace gatehouse::audit_log {

/// How far the rings of one nginx were read.
using RingPositions = std::map<unsigned, std::uint64_t>;

struct State {
    audit::ChainEnd end;

    /// The file whose last line `end` is, and its size then.
    std::uint64_t device = 0, inode = 0, size = 0;

    std::uint64_t written = 0;  ///< decisions
    std::uint64_t dropped = 0;  ///< decisions that were written over before they were read

    /// By region, the one that was read last at the end.
    std::vector<std::pair<std::uint64_t, RingPositions>> rings;

    std::uint64_t position(std::uint64_t region, unsigned slot) const;
    void set_position(const Origin& origin);

    /// What a line that is in the log, whole, changes.
    void take(const audit::SealedLine& line);
};

/// An nginx that was stopped never comes back: only so many are remembered.
inline constexpr std::size_t most_regions = 16;

/// Nothing: there is no such file.
Result<std::optional<State>> load_state(const std::string& file);
Result<void> save_state(const std::string& file, const State& state);

}  // namespace gatehouse::audit_log
