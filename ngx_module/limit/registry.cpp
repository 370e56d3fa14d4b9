#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/registry.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ngx_module/glue/conf.h"
#include "src/limit/zone_claim.h"
#include "src/limit/zone_file.h"

namespace gatehouse::limit_feature {

namespace {

struct Living {
    limit::ZoneSettings settings;
    std::string windows;  ///< as configured, to tell a change
    UniqueFd claim;       ///< on its file, in the master
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

/// A file keeps the key and the size that it was made with.
const char* remedy_of(const limit::ZoneSettings& wanted, const limit::ZoneSettings& running)
{
    if (running.path.empty() || wanted.path != running.path) {
        return "give the zone another name, or restart nginx";
    }
    return "give the zone another name and another file, or remove the file and restart nginx";
}

ngx_int_t refuse_change(ngx_conf_t& cf, const ZoneConf& conf, const limit::ZoneSettings& running,
                        const std::string& what, const std::string& now, const std::string& before)
{
    return glue::refuse_at(cf, conf.place,
                           "limit zone \"" + conf.name + "\" has the " + what + " \"" + now +
                               "\", but the running one has \"" + before +
                               "\": " + remedy_of(conf.settings(), running));
}

ngx_int_t check_unchanged(ngx_conf_t& cf, const ZoneConf& conf, Living& living)
{
    const auto wanted = conf.settings();
    const auto& running = living.settings;
    if (wanted.key != running.key) {
        return refuse_change(cf, conf, running, "key", wanted.key, running.key);
    }
    if (wanted.bytes != running.bytes) {
        return refuse_change(cf, conf, running, "size", std::to_string(wanted.bytes),
                             std::to_string(running.bytes));
    }
    if (wanted.path != running.path) {
        return refuse_change(cf, conf, running, "file", wanted.path, running.path);
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

Result<UniqueFd> claim(const ZoneConf& conf)
{
    if (conf.path.empty()) {
        return UniqueFd{};
    }
    std::vector<int> held;
    for (const auto& [name, living] : registry()) {
        held.push_back(living.claim.get());
    }
    return limit::claim_file(conf.settings(), held);
}

ngx_int_t make_zone(ngx_conf_t& cf, ZoneConf& conf, const limit::Clocks& clocks)
{
    auto claimed = claim(conf);
    if (!claimed) {
        return glue::refuse_at(cf, conf.place, claimed.error().message);
    }
    auto zone = limit::Zone::open(conf.settings(), clocks);
    if (!zone) {
        return glue::refuse_at(cf, conf.place, zone.error().message);
    }
    Living living{conf.settings(), windows_of(conf), std::move(*claimed), std::move(*zone)};
    conf.zone = &registry().try_emplace(conf.name, std::move(living)).first->second.zone;
    return NGX_OK;
}

ngx_int_t open_zone(ngx_conf_t& cf, ZoneConf& conf, const limit::Clocks& clocks)
{
    const auto found = registry().find(conf.name);
    if (found == registry().end()) {
        return make_zone(cf, conf, clocks);
    }
    conf.zone = &found->second.zone;
    return check_unchanged(cf, conf, found->second);
}

/// For `nginx -t`, which makes nothing.
ngx_int_t check_zone(ngx_conf_t& cf, const ZoneConf& conf, const limit::Clocks& clocks)
{
    if (conf.path.empty()) {
        return NGX_OK;
    }
    const auto usable = limit::check_file(conf.settings(), clocks);
    return usable ? NGX_OK : glue::refuse_at(cf, conf.place, usable.error().message);
}

}  // namespace

ngx_int_t open_zones(ngx_conf_t& cf, MainConf& conf)
{
    if (ngx_process == NGX_PROCESS_SIGNALLER) {
        return NGX_OK;
    }
    const auto clocks = limit::read_clocks();
    for (const auto& zone : conf.zones) {
        const ngx_int_t opened =
            ngx_test_config ? check_zone(cf, *zone, clocks) : open_zone(cf, *zone, clocks);
        if (opened != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

void leave_claims_to_master()
{
    for (auto& [name, living] : registry()) {
        living.claim = {};
    }
}

void forget_other_zones(const MainConf& conf)
{
    std::erase_if(registry(), [&](const auto& row) { return conf.find(row.first) == nullptr; });
}

}  // namespace gatehouse::limit_feature
