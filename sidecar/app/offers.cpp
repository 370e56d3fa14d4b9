// What of the board goes to nginx, and to the board file. Members of Daemon.
#include "sidecar/app/card_header.h"
#include "sidecar/app/daemon.h"

namespace gatehouse::app {

void Daemon::on_board_change(sidecar::BoardStore::Change change, const std::string& card,
                             const sidecar::HeldCard& held)
{
    using Change = sidecar::BoardStore::Change;
    using Urgency = sidecar::Pacer::Urgency;
    if (store_.bytes() < std::exchange(board_bytes_, store_.bytes())) {
        // Posted: the board changes in the midst of a card's turn.
        loop_.post([this] { cards_->room_freed(); });
    }
    if (asked_ && change == Change::published) {
        asked_->source_changed(card);  // those of its variants
    }
    if (link_ && change == Change::published) {
        link_->publish(card, held.snapshot, held.verified_at_ms);
    } else if (link_ && change == Change::renewed) {
        link_->renew(card, held.snapshot->view().generation(), held.verified_at_ms);
    } else if (link_ && change == Change::retracted) {
        link_->retract(card);
    }
    if (!archive_) {
        return;
    }
    if (change == Change::left) {
        archive_->disown();
    } else if (change == Change::rebased || (change == Change::renewed && !held.current)) {
        archive_->changed(Urgency::lazy);
    } else if (change != Change::renewed) {  // the beat vouches for those
        archive_->changed(Urgency::soon);
    }
}

std::vector<sidecar::Offer> Daemon::offers() const
{
    std::vector<sidecar::Offer> offers;
    for (const auto& [name, card] : config().cards) {
        if (card.on_demand()) {
            continue;
        }
        const auto held = store_.cards().find(name);
        offers.push_back(
            held == store_.cards().end()
                ? sidecar::Offer{name, nullptr, 0}
                : sidecar::Offer{name, held->second.snapshot, held->second.verified_at_ms});
    }
    asked_->for_each_published([&](const Snapshot& snapshot, std::int64_t verified_at_ms) {
        offers.push_back({std::string{snapshot->view().name()}, snapshot, verified_at_ms});
    });
    return offers;
}

bool Daemon::complete() const
{
    if ((tokens_ && !tokens_->settled()) || (keysets_ && !keysets_->has_settled())) {
        return false;
    }
    for (const auto& [name, card] : config().cards) {
        if (!card.on_demand() && (!cards_ || !cards_->has_settled(name))) {
            return false;
        }
    }
    return true;
}

}  // namespace gatehouse::app
