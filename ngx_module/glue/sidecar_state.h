// How this worker stands with the sidecar. The link writes it; whoever reports or tells reads it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

#include "src/link/channel.h"

namespace gatehouse::glue {

/// True from the first full set of cards on, until the connection is lost or its heartbeat stops.
bool& sidecar_is_up() noexcept;

/// Decisions that the audit log has lost, as the sidecar's last beat had it.
std::uint64_t& audit_dropped() noexcept;

/// Sends a message if it goes through at once. False: it did not, and what it said is not known.
bool tell_sidecar(const link::Outgoing& message) noexcept;

/// The connection in use; nullptr: there is none.
link::Channel*& sidecar_channel() noexcept;

}  // namespace gatehouse::glue
