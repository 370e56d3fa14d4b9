#include "sidecar/app/card_tables.h"

#include <algorithm>
#include <utility>

namespace gatehouse::app {

void CardTables::set_memory_limit(std::uint64_t bytes)
{
    const std::lock_guard lock{mutex_};
    memory_limit_ = bytes;
    make_room();
}

CardTables::Held CardTables::find(const std::string& card)
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(card);
    if (found == entries_.end()) {
        return {};
    }
    found->second.last_used = ++uses_;
    return found->second.held;
}

void CardTables::put(const std::string& card, const std::string& version, sidecar::Table table)
{
    const std::lock_guard lock{mutex_};
    Entry& entry = entries_[card];
    drop_table(entry);
    bytes_ += table.bytes();
    entry = {{version, {}, std::move(table)}, ++uses_};
    make_room();
}

void CardTables::put_version(const std::string& card, const std::string& version)
{
    const std::lock_guard lock{mutex_};
    Entry& entry = entries_[card];
    drop_table(entry);
    entry.held = {version, {}, {}};
}

void CardTables::fail(const std::string& card, const std::string& why)
{
    const std::lock_guard lock{mutex_};
    entries_[card].held.error = why;
}

void CardTables::forget(const std::string& card)
{
    const std::lock_guard lock{mutex_};
    if (const auto found = entries_.find(card); found != entries_.end()) {
        drop_table(found->second);
        entries_.erase(found);
    }
}

std::string CardTables::version(const std::string& card) const
{
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(card);
    return found == entries_.end() || !found->second.held.error.empty()
               ? std::string{}
               : found->second.held.version;
}

bool CardTables::are_current(const InnerVersions& versions) const
{
    return std::all_of(versions.begin(), versions.end(),
                       [this](const auto& entry) { return version(entry.first) == entry.second; });
}

std::uint64_t CardTables::bytes() const
{
    const std::lock_guard lock{mutex_};
    return bytes_;
}

void CardTables::drop_table(Entry& entry)
{
    if (entry.held.table) {
        bytes_ -= entry.held.table->bytes();
        entry.held.table.reset();
    }
}

void CardTables::make_room()
{
    while (bytes_ > memory_limit_) {
        Entry* oldest = nullptr;
        for (auto& [name, entry] : entries_) {
            if (entry.held.table && (oldest == nullptr || entry.last_used < oldest->last_used)) {
                oldest = &entry;
            }
        }
        drop_table(*oldest);
    }
}

}  // namespace gatehouse::app
