#include "ngx_module/glue/worker_board.h"

namespace gatehouse::glue {

board::Board& worker_board() noexcept
{
    static board::Board instance;
    return instance;
}

bool& worker_board_has_source() noexcept
{
    static bool has_source = true;
    return has_source;
}

}  // namespace gatehouse::glue
