#include "src/upstream/rotation.h"

#include <algorithm>

namespace gatehouse::upstream {

namespace {

/// `ramp` of every ramp_steps slots, spread evenly.
bool is_its_turn(unsigned ramp, std::int64_t unix_ms) noexcept
{
    const auto slot = static_cast<std::uint64_t>(unix_ms / ramp_slot_ms);
    return slot * ramp % ramp_steps < ramp;
}

bool is_in(const Standing& peer) noexcept
{
    return !peer.kept_out && peer.state != PeerState::down;
}

}  // namespace

unsigned ramp_of(std::int64_t up_ms, std::int64_t slow_start_ms) noexcept
{
    if (slow_start_ms <= 0 || up_ms >= slow_start_ms) {
        return ramp_steps;
    }
    return static_cast<unsigned>(std::max<std::int64_t>(up_ms, 0) * ramp_steps / slow_start_ms) + 1;
}

bool any_in(std::span<const Standing> group) noexcept
{
    return std::any_of(group.begin(), group.end(), is_in);
}

std::vector<bool> taken_out(std::span<const Standing> group, bool others_in, std::int64_t unix_ms)
{
    std::vector<bool> out(group.size(), false);
    if (!any_in(group) && !others_in) {
        return out;
    }
    const auto has_turn = [&](const Standing& peer) {
        return is_in(peer) && is_its_turn(peer.ramp, unix_ms);
    };
    const bool anybody = std::any_of(group.begin(), group.end(), has_turn);
    std::transform(group.begin(), group.end(), out.begin(), [&](const Standing& peer) {
        return !peer.kept_out && !(anybody ? has_turn(peer) : is_in(peer));
    });
    return out;
}

}  // namespace gatehouse::upstream
