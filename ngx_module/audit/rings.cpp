#include "ngx_module/glue/ngx.h"

#include "ngx_module/audit/rings.h"

#include <sys/random.h>

#include <optional>

#include "ngx_module/glue/worker_slot.h"
#include "src/audit/region.h"

namespace gatehouse::audit_feature {

namespace {

/// Static, as it outlives every cycle; copied by fork into every worker.
std::optional<audit::Region> region;

}  // namespace

void make_rings(ngx_cycle_t& cycle)
{
    if (region || glue::worker_slot_count() == 0) {
        return;
    }
    std::uint64_t id = 0;
    // Without randomness, the sidecar may take the rings of two nginx for those of one.
    (void)!::getrandom(&id, sizeof id, 0);
    auto made = audit::Region::create(glue::worker_slot_count(), id);
    if (!made) {
        ngx_log_error(NGX_LOG_ERR, cycle.log, 0, "gatehouse: no audit log: %s",
                      made.error().message.c_str());
        return;
    }
    region.emplace(std::move(*made));
}

const audit::Ring* my_ring() noexcept
{
    static std::optional<audit::Ring> ring;
    if (!ring && region) {
        if (const auto slot = glue::worker_slot()) {
            ring = region->ring(*slot);
        }
    }
    return ring ? &*ring : nullptr;
}

int rings_descriptor() noexcept
{
    return region ? region->fd() : -1;
}

std::uint64_t decisions_written() noexcept
{
    return region ? region->written() : 0;
}

}  // namespace gatehouse::audit_feature
