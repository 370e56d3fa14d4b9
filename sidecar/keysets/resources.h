// GET /v1/keysets: the key sets that are fetched; GET /v1/keysets/NAME: one of them, with its keys.
//
// Thread safety: called on the loop.
#pragma once

#include <functional>
#include <vector>

#include "sidecar/base/resource.h"
#include "sidecar/keysets/agent.h"

namespace gatehouse::sidecar {

/// `agent` may be null until the configuration is read.
std::vector<Resource> keyset_resources(std::function<const KeysetAgent*()> agent);

}  // namespace gatehouse::sidecar
