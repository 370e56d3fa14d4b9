#include "sidecar/app/card_state.h"

#include <algorithm>

#include "sidecar/app/caching.h"

namespace gatehouse::app {

std::string state_of(const sidecar::CardReport& report, const sidecar::HeldCard* held,
                     const config::Card& card, std::int64_t now_ms)
{
    if (report.failing) {
        return "failed";
    }
    if (held == nullptr) {
        return "pending";
    }
    return now_ms - held->verified_at_ms <= card.max_age.count() ? "fresh" : "stale";
}

sidecar::CacheState card_cache_state(const std::string& name, const sidecar::Snapshot& held)
{
    sidecar::CacheState state;
    state.name = name;
    state.kind = "card";
    state.exists = held != nullptr;
    if (held) {
        state.size_bytes = held->view().total_size();
        state.since_ms = held->view().computed_at_ms();
    }
    return state;
}

bool tells_of_caches(const config::Config& config, const config::Card& card)
{
    const auto of_caches = [&](const std::string& name) {
        const auto source = config.sources.find(name);
        return source != config.sources.end() && is_of_caches(source->second);
    };
    const auto tells = [&](const std::string& name) {
        return tells_of_caches(config, config.cards.at(name));
    };
    return std::any_of(card.sources.begin(), card.sources.end(), of_caches) ||
           std::any_of(card.cards.begin(), card.cards.end(), tells);
}

}  // namespace gatehouse::app
