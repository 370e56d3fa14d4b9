#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/checked.h"

#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/hello.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/upstream/module.h"
#include "ngx_module/upstream/peers.h"
#include "src/base/sealed_memory.h"
#include "src/upstream/table.h"

namespace gatehouse::upstream_feature {

namespace {

std::vector<Checked> in_force;

/// What workers share: kept, as its descriptor is lent.
std::optional<SealedMemory> shared_config;

std::vector<Checked> checked_of(const ngx_http_upstream_main_conf_t& main)
{
    std::vector<Checked> found;
    const std::span all{static_cast<ngx_http_upstream_srv_conf_t**>(main.upstreams.elts),
                        main.upstreams.nelts};
    for (auto* one : all) {
        if (one->srv_conf == nullptr) {
            continue;  // of a proxy_pass to a host, not of an upstream block
        }
        const auto* conf = static_cast<const CheckConf*>(
            one->srv_conf[ngx_http_gatehouse_upstream_module.ctx_index]);
        if (conf->set) {
            found.push_back({std::string{glue::view(one->host)}, one, conf});
        }
    }
    return found;
}

template <class Visit>
void for_each_peer(const Checked& checked, GroupLock::For what, const Visit& visit)
{
    for (auto* group = groups_of(*checked.nginx); group != nullptr; group = group->next) {
        const GroupLock lock{*group, what};
        for (auto* peer : peers_of(*group)) {
            visit(*peer);
        }
    }
}

/// The addresses that a check has taken out.
std::set<std::string, std::less<>> left_out(const Checked& checked)
{
    std::set<std::string, std::less<>> names;
    for_each_peer(checked, GroupLock::For::reading, [&](const Peer& peer) {
        if (peer.down != 0 && !is_down_by_configuration(*checked.nginx, peer)) {
            names.emplace(glue::view(peer.name));
        }
    });
    return names;
}

/// Both zones are there: nginx gives the one before up after this.
void carry_over(const Checked& from, Checked& to)
{
    const auto out = left_out(from);
    std::size_t usable = 0, kept = 0;
    for_each_peer(to, GroupLock::For::reading, [&](const Peer& peer) {
        usable += peer.down == 0 ? 1 : 0;
        kept += peer.down == 0 && out.contains(glue::view(peer.name)) ? 1 : 0;
    });
    if (kept == usable) {
        return;
    }
    for_each_peer(to, GroupLock::For::writing, [&](Peer& peer) {
        if (out.contains(glue::view(peer.name))) {
            peer.down = 1;
        }
    });
}

upstream::CheckedUpstream description_of(const Checked& checked)
{
    upstream::CheckedUpstream description{checked.name, checked.conf->check, {}};
    for_each_peer(checked, GroupLock::For::reading, [&](const Peer& peer) {
        if (!is_down_by_configuration(*checked.nginx, peer)) {
            description.peers.emplace_back(glue::view(peer.name));
        }
    });
    return description;
}

void share_config(ngx_log_t& log)
{
    if (in_force.empty()) {
        glue::share_region(upstream::table_name, -1);
        shared_config.reset();
        return;
    }
    std::vector<upstream::CheckedUpstream> descriptions;
    for (const auto& one : in_force) {
        descriptions.push_back(description_of(one));
    }
    const auto text = upstream::config_text(descriptions);
    auto memory =
        SealedMemory::create("gatehouse-upstreams", text.size(), [&](std::span<std::byte> out) {
            std::memcpy(out.data(), text.data(), text.size());
            return Result<void>{};
        });
    if (!memory) {
        ngx_log_error(NGX_LOG_ERR, &log, 0, "gatehouse: %s; the peers of upstreams are not checked",
                      memory.error().message.c_str());
        return;
    }
    shared_config.emplace(std::move(*memory));
    glue::share_region(upstream::table_name, shared_config->fd());
}

}  // namespace

ngx_int_t require_zones(ngx_conf_t& cf)
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    const auto* main = static_cast<ngx_http_upstream_main_conf_t*>(
        context->main_conf[ngx_http_upstream_module.ctx_index]);
    for (const auto& one : checked_of(*main)) {
#if (NGX_HTTP_UPSTREAM_ZONE)
        const bool shared = one.nginx->shm_zone != nullptr;
#else
        const bool shared = false;
#endif
        if (!shared) {
            return glue::refuse_at(cf, one.conf->place,
                                   "\"gate_check\" needs memory that all workers share: add "
                                   "\"zone " +
                                       one.name + " 64k;\" to upstream \"" + one.name + "\"");
        }
    }
    return NGX_OK;
}

void adopt_checked(ngx_cycle_t& cycle)
{
    const auto* main = static_cast<ngx_http_upstream_main_conf_t*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_upstream_module));
    auto next = main == nullptr ? std::vector<Checked>{} : checked_of(*main);
    for (auto& to : next) {
        for (const auto& from : in_force) {
            if (from.name == to.name) {
                carry_over(from, to);
            }
        }
    }
    in_force = std::move(next);
    share_config(*cycle.log);
}

std::vector<Checked>& checked() noexcept
{
    return in_force;
}

}  // namespace gatehouse::upstream_feature
