#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/registry.h"

#include <unistd.h>

#include <map>
#include <string>

#include "ngx_module/glue/conf.h"

namespace gatehouse::limit_feature {

namespace {

struct Living {
    limit::ZoneSettings settings;
    std::string windows;  ///< as configured, to tell a change
    limit::Zone zone;
};

std::map<std::string, Living>& registry()
{
    static std::map<std::string, Living> zones;
    return zones;
}

std::string windows_of(const ZoneConf& conf)
{
    std::string text;
    if (conf.rate) {
        text.append(" rate=").append(conf.rate->text());
    }
    if (conf.quota) {
        text.append(" quota=\"").append(conf.quota->text()).append("\"");
    }
    constexpr const char* names[] = {"", "gcra", "fixed", "sliding"};
    text.append(" window=").append(names[static_cast<int>(conf.algorithm)]);
    return text.substr(1);
}

ngx_int_t refuse_change(ngx_conf_t& cf, const ZoneConf& conf, const char* what,
                        const std::string& now, const std::string& before)
{
    ngx_conf_log_error(NGX_LOG_EMERG, &cf, 0,
                       "limit zone \"%s\" has the %s \"%s\", but the running one has \"%s\": give "
                       "the zone another name, or restart nginx",
                       conf.name.c_str(), what, now.c_str(), before.c_str());
    return NGX_ERROR;
}

ngx_int_t check_unchanged(ngx_conf_t& cf, const ZoneConf& conf, Living& living)
{
    const auto wanted = conf.settings();
    const auto& running = living.settings;
    if (wanted.key != running.key) {
        return refuse_change(cf, conf, "key", wanted.key, running.key);
    }
    if (wanted.bytes != running.bytes) {
        return refuse_change(cf, conf, "size", std::to_string(wanted.bytes),
                             std::to_string(running.bytes));
    }
    if (wanted.path != running.path) {
        return refuse_change(cf, conf, "file", wanted.path, running.path);
    }
    if (const auto windows = windows_of(conf); windows != living.windows) {
        ngx_conf_log_error(
            NGX_LOG_NOTICE, &cf, 0,
            "limit zone \"%s\" changes from %s to %s: the same rate and windows of the same "
            "kind and period go on, others begin anew",
            conf.name.c_str(), living.windows.c_str(), windows.c_str());
        living.windows = windows;
    }
    return NGX_OK;
}

bool opens_nothing() noexcept
{
    return ngx_test_config || ngx_process == NGX_PROCESS_SIGNALLER;
}

ngx_int_t open_zone(ngx_conf_t& cf, ZoneConf& conf, const limit::Clocks& clocks)
{
    auto& zones = registry();
    if (const auto found = zones.find(conf.name); found != zones.end()) {
        if (check_unchanged(cf, conf, found->second) != NGX_OK) {
            return NGX_ERROR;
        }
        conf.zone = &found->second.zone;
        return NGX_OK;
    }
    auto zone = limit::Zone::open(conf.settings(), clocks);
    if (!zone) {
        glue::refuse(cf, zone.error().message);
        return NGX_ERROR;
    }
    auto& living =
        zones.try_emplace(conf.name, Living{conf.settings(), windows_of(conf), std::move(*zone)})
            .first->second;
    conf.zone = &living.zone;
    return NGX_OK;
}

}  // namespace

ngx_int_t open_zones(ngx_conf_t& cf, MainConf& conf)
{
    if (opens_nothing()) {
        return NGX_OK;
    }
    const auto clocks = limit::read_clocks();
    for (const auto& zone : conf.zones) {
        if (open_zone(cf, *zone, clocks) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

void forget_other_zones(const MainConf& conf)
{
    std::erase_if(registry(), [&](const auto& row) { return conf.find(row.first) == nullptr; });
}

}  // namespace gatehouse::limit_feature
