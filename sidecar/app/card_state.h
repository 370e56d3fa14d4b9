// How a card stands, in words and as a row of what is computed ahead.
#pragma once

#include <string>

#include "sidecar/base/cache_state.h"
#include "sidecar/board/store.h"
#include "sidecar/cards/work.h"
#include "sidecar/config/types.h"

namespace gatehouse::app {

/// fresh, stale, failed (the last computation did), pending (nothing to serve yet).
std::string state_of(const sidecar::CardReport& report, const sidecar::HeldCard* held,
                     const config::Card& card, std::int64_t now_ms);

/// Of what is held, which may be null; whether it is warm is the caller's to say.
sidecar::CacheState card_cache_state(const std::string& name, const sidecar::Snapshot& held);

/// Whether the card reads a source of kind caches, by itself or through other cards: then it is
/// none of those that are told of, or it would change whenever it is told of.
bool tells_of_caches(const config::Config& config, const config::Card& card);

}  // namespace gatehouse::app
