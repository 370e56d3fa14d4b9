// What other areas add to the control API: Daemon::resources.
#include <utility>

#include "sidecar/alerts/resources.h"
#include "sidecar/app/daemon.h"
#include "sidecar/app/lane_of.h"
#include "sidecar/audit/resources.h"
#include "sidecar/base/clock.h"
#include "sidecar/datasets/resources.h"
#include "sidecar/explain/resources.h"
#include "sidecar/geoip/resources.h"
#include "sidecar/health/resources.h"
#include "sidecar/identity/resources.h"
#include "sidecar/keysets/resources.h"
#include "sidecar/limits/resources.h"
#include "sidecar/telemetry/overview.h"

namespace gatehouse::app {

namespace {

limits::Worker worker_of(sidecar::LinkServer::Worker worker)
{
    auto& hello = worker.report.hello;
    return {worker.peer.pid,
            {hello.master, std::move(hello.prefix)},
            worker.report.connected_at_ms,
            std::move(hello.limit_zones),
            std::move(worker.regions)};
}

}  // namespace

std::vector<sidecar::Resource> Daemon::resources()
{
    limits::Ports ports;
    ports.workers = [this] {
        std::vector<limits::Worker> workers;
        for (auto& worker : link_->report()) {
            workers.push_back(worker_of(std::move(worker)));
        }
        return workers;
    };
    ports.run = [this](std::function<void()> work, std::function<void()> done) {
        verifications_.submit(lane_of_looks(), "limits",
                              [this, work = std::move(work), done = std::move(done)] {
                                  work();
                                  loop_.post(done);
                              });
    };
    auto all = limits::resources(std::move(ports));
    all.push_back({"GET", "/v1/telemetry", "", false, [this](const auto&, const auto& reply) {
                       reply({200, sidecar::telemetry_json(link_->regions("telemetry"),
                                                           sidecar::read_clocks().steady_ms)});
                   }});
    for (auto& resource : identity::token_resources([this] { return tokens_.get(); })) {
        all.push_back(std::move(resource));
    }
    for (auto& resource : geoip::resources([this] { return geoip_->report(); })) {
        all.push_back(std::move(resource));
    }
    for (auto& one : sidecar::keyset_resources([this] { return keysets_.get(); })) {
        all.push_back(std::move(one));
    }
    for (auto& one : datasets::resources(loop_, *datasets_)) {
        all.push_back(std::move(one));
    }
    for (auto& one : identity::key_resources(signing_keys_)) {
        all.push_back(std::move(one));
    }
    for (auto& one :
         explain::resources([this] { return explain_key_ ? &*explain_key_ : nullptr; })) {
        all.push_back(std::move(one));
    }
    for (auto& one : checks::resources(*checks_)) {
        all.push_back(std::move(one));
    }
    for (auto& one : alerts::resources(*alerts_)) {
        all.push_back(std::move(one));
    }
    for (auto& one : audit_log::resources(*audit_)) {
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace gatehouse::app
