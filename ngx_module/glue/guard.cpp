#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/guard.h"

#include <exception>

namespace gatehouse::glue {

void log_caught(ngx_log_t* log) noexcept
{
    try {
        throw;
    } catch (const std::exception& error) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "gatehouse: unexpected exception: %s", error.what());
    } catch (...) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "gatehouse: unexpected exception");
    }
}

}  // namespace gatehouse::glue
