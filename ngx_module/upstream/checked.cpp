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
#include "src/base/sealed_memory.h"
#include "src/upstream/table.h"

namespace gatehouse::upstream_feature {

namespace {

std::vector<Checked> in_force;

/// What workers share: kept, as its descriptor is lent.
std::optional<SealedMemory> shared_config;

using Upstreams = std::vector<const ngx_http_upstream_srv_conf_t*>;

const CheckConf& conf_of(const ngx_http_upstream_srv_conf_t& upstream) noexcept
{
    return *static_cast<const CheckConf*>(
        upstream.srv_conf[ngx_http_gatehouse_upstream_module.ctx_index]);
}

/// Those with gate_check.
Upstreams upstreams_of(const ngx_http_upstream_main_conf_t& main)
{
    Upstreams found;
    const std::span all{static_cast<ngx_http_upstream_srv_conf_t**>(main.upstreams.elts),
                        main.upstreams.nelts};
    for (const auto* one : all) {
        // Without srv_conf it is of a proxy_pass to a host, not of an upstream block.
        if (one->srv_conf != nullptr && conf_of(*one).set) {
            found.push_back(one);
        }
    }
    return found;
}

/// REQUIRES: its zone is new, so that what is out there is so by the configuration.
CheckedGroup group_of(const Group& nginx)
{
    CheckedGroup group;
    for (auto* peer : lasting_peers_of(nginx)) {
        group.push_back({peer, is_out(*peer), std::nullopt});
    }
    return group;
}

Checked checked_of(const ngx_http_upstream_srv_conf_t& upstream)
{
    Checked checked{std::string{glue::view(upstream.host)}, &conf_of(upstream), {}};
    auto* group = groups_of(upstream);
    for (auto& into : checked.groups) {
        if (group != nullptr) {
            into = group_of(*group);
            group = group->next;
        }
    }
    return checked;
}

template <class Visit>
void for_each_ours(const Checked& checked, const Visit& visit)
{
    for (const auto& group : checked.groups) {
        for (const auto& peer : group) {
            if (!peer.kept_out) {
                visit(peer);
            }
        }
    }
}

/// The addresses that a check has taken out.
std::set<std::string_view> left_out(const Checked& checked)
{
    std::set<std::string_view> names;
    for_each_ours(checked, [&](const CheckedPeer& peer) {
        if (is_out(*peer.nginx)) {
            names.insert(peer.name());
        }
    });
    return names;
}

/// Both zones are there: nginx gives the one before up after this. Where none were left, nobody
/// knows better than to try them all.
void carry_over(const Checked& from, const Checked& to)
{
    const auto out = left_out(from);
    bool any_left = false;
    for_each_ours(to, [&](const CheckedPeer& peer) { any_left |= !out.contains(peer.name()); });
    if (any_left) {
        for_each_ours(
            to, [&](const CheckedPeer& peer) { take_out(*peer.nginx, out.contains(peer.name())); });
    }
}

upstream::CheckedUpstream description_of(const Checked& checked)
{
    upstream::CheckedUpstream description{checked.name, checked.conf->check, {}};
    for_each_ours(checked,
                  [&](const CheckedPeer& peer) { description.peers.emplace_back(peer.name()); });
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
    for (const auto* one : upstreams_of(*main)) {
#if (NGX_HTTP_UPSTREAM_ZONE)
        const bool shared = one->shm_zone != nullptr;
#else
        const bool shared = false;
#endif
        if (!shared) {
            const std::string name{glue::view(one->host)};
            return glue::refuse_at(cf, conf_of(*one).place,
                                   "\"gate_check\" needs memory that all workers share: add "
                                   "\"zone " +
                                       name + " 64k;\" to upstream \"" + name + "\"");
        }
    }
    return NGX_OK;
}

void adopt_checked(ngx_cycle_t& cycle)
{
    const auto* main = static_cast<ngx_http_upstream_main_conf_t*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_upstream_module));
    std::vector<Checked> next;
    for (const auto* upstream : main == nullptr ? Upstreams{} : upstreams_of(*main)) {
        const auto& to = next.emplace_back(checked_of(*upstream));
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
