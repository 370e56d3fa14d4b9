// The memory through which decisions go to the sidecar: made once in the master, as soon as a
// configuration has an audit log; outlives every configuration.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

#include "src/audit/ring.h"

namespace gatehouse::audit_feature {

/// In init_module. Fails with a line in the log; then nothing is written.
void make_rings(ngx_cycle_t& cycle);

/// Of this worker; nullptr: it has no slot, or there is no audit log.
const audit::Ring* my_ring() noexcept;

/// For other processes, which can only read it; -1: there are none.
int rings_descriptor() noexcept;

/// Decisions ever written, by all workers.
std::uint64_t decisions_written() noexcept;

}  // namespace gatehouse::audit_feature
