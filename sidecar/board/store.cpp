#include "sidecar/board/store.h"

#include <algorithm>
#include <utility>

namespace gatehouse::sidecar {

BoardStore::BoardStore(std::uint64_t memory_limit, BoardListener listener)
    : memory_limit_(memory_limit), listener_(std::move(listener))
{
}

Result<void> BoardStore::publish(Snapshot snapshot, std::int64_t verified_at_ms)
{
    const auto& view = snapshot->view();
    const std::string name{view.name()};
    const auto before = held(name);
    const auto others = bytes_ - (before ? before->view().total_size() : 0);
    if (others + view.total_size() > memory_limit_) {
        return Error{"the result of " + std::to_string(view.total_size()) +
                     " bytes has no room on the board: the other cards hold " +
                     std::to_string(others) + " of board.memory_limit's " +
                     std::to_string(memory_limit_) +
                     " bytes; raise it, or have the card yield less or in fewer formats"};
    }
    bytes_ = others + view.total_size();
    generation_ = std::max(generation_, view.generation());
    auto& card = cards_[name];
    card.snapshot = std::move(snapshot);
    card.verified_at_ms = verified_at_ms;
    card.rows = 0;
    card.basis = {};
    listener_.on_change(Change::published, name, card);
    return {};
}

void BoardStore::renew(const std::string& card, std::int64_t verified_at_ms)
{
    const auto found = cards_.find(card);
    if (found != cards_.end() && verified_at_ms > found->second.verified_at_ms) {
        found->second.verified_at_ms = verified_at_ms;
        listener_.on_change(Change::renewed, card, found->second);
    }
}

void BoardStore::stand_by(const std::string& card, bool current)
{
    const auto found = cards_.find(card);
    if (found != cards_.end() && found->second.current != current) {
        found->second.current = current;
        listener_.on_change(current ? Change::stood_by : Change::left, card, found->second);
    }
}

void BoardStore::rest_on(const std::string& card, std::uint64_t rows, board::Basis basis)
{
    const auto found = cards_.find(card);
    if (found == cards_.end()) {
        return;
    }
    found->second.rows = rows;
    if (std::exchange(found->second.basis, basis) != basis) {
        listener_.on_change(Change::rebased, card, found->second);
    }
}

void BoardStore::retract(const std::string& card)
{
    const auto found = cards_.find(card);
    if (found == cards_.end()) {
        return;
    }
    const auto gone = std::move(found->second);
    cards_.erase(found);
    bytes_ -= gone.snapshot->view().total_size();
    listener_.on_change(Change::retracted, card, gone);
}

Snapshot BoardStore::held(const std::string& card) const
{
    const auto found = cards_.find(card);
    return found == cards_.end() ? nullptr : found->second.snapshot;
}

board::Archive BoardStore::archive(std::int64_t now_ms) const
{
    board::Archive archive{generation_, now_ms, {}};
    for (const auto& [name, card] : cards_) {
        archive.cards.push_back(
            {card.snapshot, card.verified_at_ms, card.current, card.rows, card.basis});
    }
    return archive;
}

Generations::Generations(std::uint64_t archived, std::int64_t started_unix_ms) noexcept
    : next_(std::max(archived + 1,
                     static_cast<std::uint64_t>(std::max<std::int64_t>(started_unix_ms, 1))))
{
}

}  // namespace gatehouse::sidecar
