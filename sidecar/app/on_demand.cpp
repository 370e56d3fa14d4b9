// Cards that are computed when somebody asks. Members of Daemon.
#include "sidecar/app/compute_variant.h"
#include "sidecar/app/daemon.h"
#include "sidecar/app/lane_of.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"

namespace gatehouse::app {

namespace log = sidecar::log;
using on_demand::Snapshot;

void Daemon::open_on_demand()
{
    const auto name_of = [](const Snapshot& snapshot) {
        return std::string{snapshot->view().name()};
    };
    asked_ = std::make_unique<on_demand::Agent>(on_demand::Ports{
        loop_,
        [this](const config::Card& card, sidecar::Lanes::Task task) {
            answers_.submit(lane_of(config(), card.sources, caches_being_made_), card.name,
                            std::move(task));
        },
        [this, name_of](const Snapshot& snapshot, std::int64_t verified_at_ms) {
            link_->publish(name_of(snapshot), snapshot, verified_at_ms);
        },
        [this, name_of](const Snapshot& snapshot, std::int64_t verified_at_ms) {
            link_->renew(name_of(snapshot), snapshot->view().generation(), verified_at_ms);
        },
        [this, name_of](const Snapshot& snapshot) { link_->retract(name_of(snapshot)); }});
    front_ = std::make_unique<on_demand::Front>(
        *asked_, [this](const config::Card& card) { return held_answer(card); });
    if (api_) {
        api_->set_fallback([this](const api::RequestPtr& request, api::Reply reply) {
            front_->handle(request, std::move(reply));
        });
    }
}

on_demand::Reply Daemon::held_answer(const config::Card& card) const
{
    on_demand::Reply reply;
    const auto held = store_.cards().find(card.name);
    if (held == store_.cards().end()) {
        reply.failure = {503, "there is nothing to serve yet"};
        return reply;
    }
    const auto age_ms = sidecar::unix_ms() - held->second.verified_at_ms;
    reply.snapshot = held->second.snapshot;
    reply.verified_at_ms = held->second.verified_at_ms;
    reply.ttl_ms = card.max_age.count() - age_ms;
    reply.how = reply.ttl_ms < 0 ? on_demand::Reply::How::stale : on_demand::Reply::How::hit;
    return reply;
}

void Daemon::configure_on_demand(const std::set<std::string>& changed)
{
    auto paths = on_demand::paths_of(config().cards);
    if (!paths) {
        log::error("paths of cards not published",
                   {{"error", paths.error().message}, {"now", "those before stay"}});
        return;
    }
    auto cards = config().cards;
    std::erase_if(cards, [](const auto& entry) { return !entry.second.has_variants(); });
    auto memory = std::make_shared<const SealedMemory>(std::move(*paths));
    asked_->configure(cards, changed, config().on_demand, make_answers(setup_, generations_),
                      make_compress(generations_));
    front_->configure(std::move(cards), memory);
    tables_->publish({std::string{board::card_paths_table}, generations_->next(), memory},
                     sidecar::TableStore::Keep::on_disk);
}

}  // namespace gatehouse::app
