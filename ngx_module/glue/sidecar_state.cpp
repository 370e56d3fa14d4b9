#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/sidecar_state.h"

namespace gatehouse::glue {

bool& sidecar_is_up() noexcept
{
    static bool up = false;
    return up;
}

}  // namespace gatehouse::glue
