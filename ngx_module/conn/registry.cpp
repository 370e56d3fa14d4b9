#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/registry.h"

#include <map>
#include <string>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/worker_slot.h"

namespace gatehouse::conn_feature {

namespace {

using Zones = std::map<std::string, LivingZone, std::less<>>;

/// Static, as it outlives every cycle: nginx keeps the object loaded from one to the next.
Zones& registry()
{
    static Zones zones;
    return zones;
}

ngx_int_t refuse_change(ngx_conf_t& cf, const ZoneConf& conf, const std::string& what,
                        const std::string& now, const std::string& before)
{
    return glue::refuse_at(cf, conf.place,
                           "cap zone \"" + conf.name + "\" has the " + what + " \"" + now +
                               "\", but the running one has \"" + before +
                               "\": give the zone another name, or restart nginx");
}

LivingZone* find_or_make(ngx_cycle_t& cycle, const ZoneConf& conf)
{
    auto& zones = registry();
    if (const auto found = zones.find(conf.name); found != zones.end()) {
        return &found->second;
    }
    const unsigned slots = glue::worker_slot_count();
    auto zone = slots == 0 ? Result<conn::Zone>{Error{"there are no worker slots"}}
                           : conn::Zone::make(conf.name, conf.bytes, slots);
    if (!zone) {
        ngx_log_error(NGX_LOG_ALERT, cycle.log, 0, "gatehouse: %s; the zone caps nothing",
                      zone.error().message.c_str());
        return nullptr;
    }
    LivingZone living{std::string{conf.key->text()}, conf.bytes, std::move(*zone)};
    return &zones.emplace(conf.name, std::move(living)).first->second;
}

/// The requests of workers that died, in every zone.
void reap(unsigned slot)
{
    for (auto& [name, living] : registry()) {
        living.zone.table().reap(slot);
    }
}

}  // namespace

ngx_int_t check_zones(ngx_conf_t& cf, const MainConf& conf)
{
    for (const auto& zone : conf.zones) {
        const auto found = registry().find(zone->name);
        if (found == registry().end()) {
            continue;
        }
        const auto& running = found->second;
        if (zone->key->text() != running.key) {
            return refuse_change(cf, *zone, "key", std::string{zone->key->text()}, running.key);
        }
        if (zone->bytes != running.bytes) {
            return refuse_change(cf, *zone, "size", std::to_string(zone->bytes),
                                 std::to_string(running.bytes));
        }
    }
    return NGX_OK;
}

void open_zones(ngx_cycle_t& cycle, MainConf& conf)
{
    for (const auto& zone : conf.zones) {
        zone->living = find_or_make(cycle, *zone);
        zone->telemetry = glue::cap_zone_index(zone->name);
    }
    glue::on_slot_reaped(reap);
    // Without a master the requests of the configuration before still hold places.
    if (ngx_process != NGX_PROCESS_SINGLE) {
        std::erase_if(registry(), [&](const auto& row) { return conf.find(row.first) == nullptr; });
    }
}

}  // namespace gatehouse::conn_feature
