#include "src/board/board.h"

#include <algorithm>

namespace gatehouse::board {

Freshness freshness(std::int64_t age_ms, std::uint64_t max_age_ms, std::uint64_t stale_ms) noexcept
{
    const auto age = static_cast<std::uint64_t>(age_ms);
    if (age <= max_age_ms) {
        return Freshness::fresh;
    }
    return age - max_age_ms <= stale_ms ? Freshness::stale : Freshness::gone;
}

void Board::publish(std::shared_ptr<const Published> published, std::int64_t verified_at_ms)
{
    const auto& view = published->view();
    auto& shelf = shelf_of(view.name());
    auto& slot = shelf.by_name[std::string{view.name()}];
    if (slot == nullptr) {
        slot = std::make_unique<Entry>();
    } else {
        shelf.forget_path(*slot);
    }
    generation_ = std::max(generation_, view.generation());
    shelf.by_path[std::string{view.path()}] = slot.get();
    *slot = Entry{std::move(published), verified_at_ms, true};
}

Entry* Board::entry_of(std::string_view name) noexcept
{
    const auto& by_name = shelf_of(name).by_name;
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second.get();
}

bool Board::renew(std::string_view name, std::uint64_t generation, std::int64_t verified_at_ms)
{
    auto* entry = entry_of(name);
    if (entry == nullptr || entry->published->view().generation() != generation) {
        return false;
    }
    entry->verified_at_ms = std::max(entry->verified_at_ms, verified_at_ms);
    entry->confirmed = true;
    return true;
}

void Board::keep(std::string_view name)
{
    if (auto* entry = entry_of(name); entry != nullptr) {
        entry->confirmed = true;
    }
}

void Board::retract(std::string_view name)
{
    auto& shelf = shelf_of(name);
    if (const auto found = shelf.by_name.find(name); found != shelf.by_name.end()) {
        shelf.erase(found);
    }
}

void Board::begin_sync()
{
    for (auto* shelf : {&cards_, &variants_}) {
        for (auto& [name, entry] : shelf->by_name) {
            entry->confirmed = false;
        }
    }
}

void Board::end_sync()
{
    cards_.drop_unconfirmed();
    variants_.drop_unconfirmed();
}

const Entry* Board::find(std::string_view path) const noexcept
{
    return cards_.find(path);
}

const Entry* Board::find_variant(std::string_view key) const noexcept
{
    return variants_.find(key);
}

const Entry* Board::Shelf::find(std::string_view path) const noexcept
{
    const auto found = by_path.find(path);
    return found == by_path.end() ? nullptr : found->second;
}

void Board::Shelf::drop_unconfirmed()
{
    for (auto position = by_name.begin(); position != by_name.end();) {
        const auto current = position++;
        if (!current->second->confirmed) {
            erase(current);
        }
    }
}

void Board::Shelf::forget_path(const Entry& entry)
{
    // Another card may have taken the path over meanwhile.
    const auto found = by_path.find(entry.published->view().path());
    if (found != by_path.end() && found->second == &entry) {
        by_path.erase(found);
    }
}

void Board::Shelf::erase(Names::iterator position)
{
    forget_path(*position->second);
    by_name.erase(position);
}

}  // namespace gatehouse::board
