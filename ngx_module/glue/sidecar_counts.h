// What the sidecar counts, as this worker was told last; see src/telemetry/sidecar_counts.h.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "src/telemetry/sidecar_counts.h"

namespace gatehouse::glue {

/// From postconfiguration.
void follow_sidecar_counts();

const telemetry::SidecarCounts& sidecar_counts() noexcept;

/// 0 where nothing was told.
std::uint64_t sidecar_count(std::string_view kind, std::string_view name);

}  // namespace gatehouse::glue
