// The last good board, taken up again at start.
#pragma once

#include "sidecar/board/store.h"
#include "sidecar/config/types.h"

namespace gatehouse::app {

/// What is known from before. Never fails: a file that is not to be trusted is refused whole, with
/// a warning, and the cards begin empty.
board::Archive read_last_board(const config::Config& config);

/// The highest generation ever handed out, as far as the file tells, also when the rest is damaged.
std::uint64_t last_generation(const config::Config& config);

/// Puts archived cards that are still configured, under the same name and path, onto the board.
void restore(const board::Archive& archive, const config::Config& config,
             sidecar::BoardStore& store, sidecar::Generations& generations);

}  // namespace gatehouse::app
