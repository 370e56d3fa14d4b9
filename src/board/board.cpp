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
    auto& slot = by_name_[std::string{view.name()}];
    if (slot == nullptr) {
        slot = std::make_unique<Entry>();
    } else {
        forget_path(*slot);
    }
    generation_ = std::max(generation_, view.generation());
    by_path_[std::string{view.path()}] = slot.get();
    *slot = Entry{std::move(published), verified_at_ms, true};
}

bool Board::renew(std::string_view name, std::uint64_t generation, std::int64_t verified_at_ms)
{
    const auto found = by_name_.find(name);
    if (found == by_name_.end() || found->second->published->view().generation() != generation) {
        return false;
    }
    found->second->verified_at_ms = std::max(found->second->verified_at_ms, verified_at_ms);
    found->second->confirmed = true;
    return true;
}

void Board::keep(std::string_view name)
{
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        found->second->confirmed = true;
    }
}

void Board::retract(std::string_view name)
{
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        erase(found);
    }
}

void Board::begin_sync()
{
    for (auto& [name, entry] : by_name_) {
        entry->confirmed = false;
    }
}

void Board::end_sync()
{
    for (auto position = by_name_.begin(); position != by_name_.end();) {
        const auto current = position++;
        if (!current->second->confirmed) {
            erase(current);
        }
    }
}

const Entry* Board::find(std::string_view path) const noexcept
{
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : found->second;
}

void Board::forget_path(const Entry& entry)
{
    // Another card may have taken the path over meanwhile.
    const auto found = by_path_.find(entry.published->view().path());
    if (found != by_path_.end() && found->second == &entry) {
        by_path_.erase(found);
    }
}

void Board::erase(Names::iterator position)
{
    forget_path(*position->second);
    by_name_.erase(position);
}

}  // namespace gatehouse::board
