#include "sidecar/link/outbox.h"

namespace gatehouse::sidecar {

namespace {

std::string subject_of(const Letter& letter)
{
    return letter.type == link::Type::table ? "table " + letter.name : letter.name;
}

}  // namespace

void Outbox::publish(const std::string& card, Snapshot snapshot, std::int64_t verified_at_ms)
{
    const auto generation = snapshot->view().generation();
    put({link::Type::publish, card, generation, verified_at_ms, std::move(snapshot)});
}

void Outbox::renew(const std::string& card, std::uint64_t generation, std::int64_t verified_at_ms)
{
    const auto waiting = by_subject_.find(card);
    if (waiting != by_subject_.end() && waiting->second->type == link::Type::publish &&
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

void Outbox::table(const board::Table& table)
{
    put({link::Type::table, table.name, table.generation, 0, nullptr, table.memory});
}

void Outbox::synced(std::uint64_t generation)
{
    letters_.push_back({link::Type::synced, {}, generation});
}

void Outbox::beat(std::int64_t now_ms, std::uint64_t audit_dropped)
{
    put({link::Type::beat, {}, audit_dropped, now_ms});
}

void Outbox::pop()
{
    if (letters_.front().type != link::Type::synced) {
        by_subject_.erase(subject_of(letters_.front()));
    }
    letters_.pop_front();
}

/// In place of what waits about the same subject, or at the end.
void Outbox::put(Letter letter)
{
    const auto [found, added] = by_subject_.try_emplace(subject_of(letter), letters_.end());
    if (!added && letter.type == link::Type::table) {
        letters_.erase(found->second);
    }
    if (added || letter.type == link::Type::table) {
        found->second = letters_.insert(letters_.end(), std::move(letter));
    } else {
        *found->second = std::move(letter);
    }
}

}  // namespace gatehouse::sidecar
