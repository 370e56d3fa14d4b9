// How this worker stands with the sidecar. The link writes it; whoever reports or tells reads it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

#include "src/link/channel.h"

namespace gatehouse::glue {

struct SidecarState {
    /// From the first full set of cards on, until the connection is lost or its heartbeat stops.
    bool up = false;
    bool heard = false;        ///< something has come over this connection
    bool expected = true;      ///< false: `gate_link off`
    ngx_msec_t since = 0;      ///< ngx_current_msec: up, or away, from then on
    std::uint64_t losses = 0;  ///< what was told before the last of them may be so no more
};

const SidecarState& sidecar_state() noexcept;

inline bool sidecar_is_up() noexcept
{
    return sidecar_state().up;
}

/// Connected and heard of, whether or not its first full set of cards is there, which may take it
/// minutes: what it tells counts.
bool sidecar_is_there() noexcept;

// --- for the link ---

/// The worker is started; `expected`: it will look for a sidecar.
void sidecar_awaited(bool expected) noexcept;
void sidecar_heard() noexcept;
void sidecar_synced() noexcept;

/// Also where it was away, and still is: that has begun now if it `was_stable`, there for a while
/// though never up. One that starts and ends again and again is not.
void sidecar_lost(bool was_stable) noexcept;

/// Decisions that the audit log has lost, as the sidecar's last beat had it.
std::uint64_t& audit_dropped() noexcept;

/// Sends a message if it goes through at once. False: it did not, and what it said is not known.
bool tell_sidecar(const link::Outgoing& message) noexcept;

/// The connection in use; nullptr: there is none.
link::Channel*& sidecar_channel() noexcept;

}  // namespace gatehouse::glue
