#include "ngx_module/glue/worker_board.h"

namespace gatehouse::glue {

namespace {

BoardSwitch board_switch = nullptr;

}  // namespace

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

void set_board_switch(BoardSwitch is_on) noexcept
{
    board_switch = is_on;
}

bool board_is_on(void* const* location) noexcept
{
    return board_switch != nullptr && board_switch(location);
}

}  // namespace gatehouse::glue
