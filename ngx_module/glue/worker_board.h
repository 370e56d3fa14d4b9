// The board of this process. The link's feature writes it; whoever serves cards reads it.
#pragma once

#include "src/board/board.h"

namespace gatehouse::glue {

/// One per process: what the master holds is what its workers inherit.
board::Board& worker_board() noexcept;

/// Whether the configuration that is being read leaves any way for cards to come here. Set by the
/// link in its postconfiguration, which is before that of whoever serves cards (modules.c).
bool& worker_board_has_source() noexcept;

/// Whether a location is answered from the board, once all of the configuration is merged. Asked by
/// the configuration of every module for it; whoever serves cards sets the answer in its
/// preconfiguration.
using BoardSwitch = bool (*)(void* const* location);
void set_board_switch(BoardSwitch is_on) noexcept;
bool board_is_on(void* const* location) noexcept;

}  // namespace gatehouse::glue
