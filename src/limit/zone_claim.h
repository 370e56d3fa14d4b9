// A zone's file belongs to one nginx: to its master process, whatever that loads and starts.
//
// The claim is a lock (F_OFD_SETLK) of an open file, and goes on as long as anybody has that open.
// The master's daemon has it by fork, the new binary of an upgrade on the fly by exec. Workers and
// whoever is handed the zone's own descriptor have no part in it: a worker that drains must not
// keep the file from the next nginx.
//
// Thread safety: none.
#pragma once

#include <span>

#include "src/base/result.h"
#include "src/base/unique_fd.h"
#include "src/limit/zone.h"

namespace gatehouse::limit {

/// Claims the file, which is made if it is not there; the claim ends when the descriptor is closed.
/// Another nginx that has it gets a moment to end. `held` are the claims of this process: one of
/// them on the same file is shared.
Result<UniqueFd> claim_file(const ZoneSettings& settings, std::span<const int> held);

}  // namespace gatehouse::limit
