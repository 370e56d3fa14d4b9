// Which peers of an upstream requests go to, by what is known of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/upstream/table.h"

namespace gatehouse::upstream {

/// A peer that came up again gets its share in so many steps.
inline constexpr unsigned ramp_steps = 10;

/// How long a peer in its slow start is in, or out, at least.
inline constexpr std::int64_t ramp_slot_ms = 100;

struct Standing {
    bool kept_out = false;  ///< by the configuration: not ours to touch
    PeerState state = PeerState::unknown;
    unsigned ramp = ramp_steps;  ///< steps of its share, from 1 on
};

/// Some peers that a sidecar left down are up again by then.
inline constexpr std::uint64_t verdicts_hold_ms = 60'000;

/// Whether nobody has looked for so long that what was found before holds no more.
constexpr bool verdicts_have_lapsed(bool somebody_looks, std::uint64_t unwatched_ms) noexcept
{
    return !somebody_looks && unwatched_ms >= verdicts_hold_ms;
}

/// The steps of a peer that has been up for `up_ms` of a slow start of `slow_start_ms`; 0: none.
unsigned ramp_of(std::int64_t up_ms, std::int64_t slow_start_ms) noexcept;

/// Of each peer of a group, whether requests are to pass it by now. `others_in`: a peer of another
/// group, such as the backups, is not down.
///
/// - Where all peers are down, nobody knows better than to try them: none is out.
/// - A peer in its slow start is out for the part of the time that it has not reached yet, unless
///   there is no other to take its place in the group. Whoever asks at the same time is told the
///   same, and so the share of all balancers is the part of the time.
std::vector<bool> taken_out(std::span<const Standing> group, bool others_in, std::int64_t unix_ms);

/// Whether any peer of the group is neither down nor kept out.
bool any_in(std::span<const Standing> group) noexcept;

}  // namespace gatehouse::upstream
