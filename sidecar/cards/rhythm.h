// From a card's configured refresh to the rhythm of its schedule.
#pragma once

#include "sidecar/cards/schedule.h"
#include "sidecar/config/types.h"

namespace gatehouse::sidecar {

/// An on_change card is verified every half of its max_age, so that it stays fresh while its
/// sources stay the same, and so that a lost file event costs no more than that.
Rhythm rhythm_of(const config::Card& card);

}  // namespace gatehouse::sidecar
