// What the audit log reads: Daemon::audit_rings.
#include <algorithm>

#include "sidecar/app/daemon.h"

namespace gatehouse::app {

std::vector<audit_log::Rings> Daemon::audit_rings() const
{
    std::vector<audit_log::Rings> all;
    for (const auto& worker : link_->report()) {
        const auto audit = worker.regions.find("audit");
        const auto telemetry = worker.regions.find("telemetry");
        if (audit != worker.regions.end() &&
            std::none_of(all.begin(), all.end(),
                         [&](const auto& known) { return known.audit == audit->second; })) {
            all.push_back(
                {audit->second, telemetry == worker.regions.end() ? nullptr : telemetry->second});
        }
    }
    return all;
}

}  // namespace gatehouse::app
