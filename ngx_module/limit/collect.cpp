#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/collect.h"

#include <algorithm>

#include "ngx_module/glue/metrics.h"

namespace gatehouse::limit_feature {

namespace {

/// Looked at for one scrape, in all zones together: a megabyte, a tenth of a millisecond. So the
/// entries of one zone of 1m are counted, those of more or larger ones estimated.
constexpr std::size_t cells_per_scrape = 1 << 16;

const MainConf* shown = nullptr;

void collect_zones(telemetry::Exposition& out)
{
    if (shown->zones.empty()) {
        return;
    }
    const auto sample = std::max<std::size_t>(cells_per_scrape / shown->zones.size(), 1);
    out.begin(telemetry::metrics::limit_zone_entries);
    for (const auto& zone : shown->zones) {
        const auto now = zone->zone->now(ngx_current_msec).ticks;
        out.sample({{"zone", zone->name}}, zone->zone->entries(now, sample));
    }
    out.begin(telemetry::metrics::limit_zone_size);
    for (const auto& zone : shown->zones) {
        out.sample({{"zone", zone->name}}, std::uint64_t{zone->bytes});
    }
}

}  // namespace

void show_zones_in_metrics(const MainConf& conf)
{
    shown = &conf;
    glue::add_collector(collect_zones);
}

}  // namespace gatehouse::limit_feature
