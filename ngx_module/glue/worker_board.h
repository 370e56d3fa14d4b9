// The board of this process. The link's feature writes it; whoever serves cards reads it.
#pragma once

#include "src/board/board.h"

namespace gatehouse::glue {

/// One per process: what the master holds is what its workers inherit.
board::Board& worker_board() noexcept;

}  // namespace gatehouse::glue
