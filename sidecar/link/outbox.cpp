#include "sidecar/link/outbox.h"

namespace gatehouse::sidecar {

void Outbox::publish(const std::string& card, Snapshot snapshot, std::int64_t verified_at_ms)
{
    const auto generation = snapshot->view().generation();
    put({link::Type::publish, card, generation, verified_at_ms, std::move(snapshot)});
}

void Outbox::renew(const std::string& card, std::uint64_t generation, std::int64_t verified_at_ms)
{
    const auto waiting = by_card_.find(card);
    if (waiting != by_card_.end() && waiting->second->type == link::Type::publish &&
        waiting->second->generation == generation) {
        waiting->second->at_ms = verified_at_ms;
        return;
    }
    put({link::Type::renew, card, generation, verified_at_ms});
}

void Outbox::keep(const std::string& card)
{
    put({link::Type::keep, card});
}

void Outbox::retract(const std::string& card)
{
    put({link::Type::retract, card});
}

void Outbox::synced(std::uint64_t generation)
{
    letters_.push_back({link::Type::synced, {}, generation});
}

void Outbox::beat(std::int64_t now_ms)
{
    put({link::Type::beat, {}, 0, now_ms});
}

void Outbox::pop()
{
    if (letters_.front().type != link::Type::synced) {
        by_card_.erase(letters_.front().card);
    }
    letters_.pop_front();
}

/// In place of what waits about the same card, or at the end.
void Outbox::put(Letter letter)
{
    const auto [found, added] = by_card_.try_emplace(letter.card, letters_.end());
    if (added) {
        found->second = letters_.insert(letters_.end(), std::move(letter));
    } else {
        *found->second = std::move(letter);
    }
}

}  // namespace gatehouse::sidecar
