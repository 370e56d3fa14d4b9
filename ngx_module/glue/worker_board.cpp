#include "ngx_module/glue/worker_board.h"

namespace gatehouse::glue {

board::Board& worker_board() noexcept
{
    static board::Board instance;
    return instance;
}

}  // namespace gatehouse::glue
