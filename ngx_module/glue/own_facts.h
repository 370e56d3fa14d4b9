// What features add to what nginx tells of itself (docs/health.md): members of the object `nginx`.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <vector>

#include "src/base/json_writer.h"

namespace gatehouse::glue {

/// Called in a worker for every answer that has the object. It writes members, or none, and must be
/// quick: requests are waiting.
using OwnFacts = void (*)(JsonWriter&);

/// From postconfiguration; registering twice is the same as once. They stay when a later
/// configuration no longer has their feature: they then write nothing.
void add_own_facts(OwnFacts facts);
const std::vector<OwnFacts>& own_facts() noexcept;

}  // namespace gatehouse::glue
