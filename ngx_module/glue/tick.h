// What a worker does again and again, once a second if nothing else is said.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::glue {

/// Whether this process serves requests: cache managers and loaders do not.
inline bool serves_requests() noexcept
{
    return ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
}

class Tick {
public:
    /// To be called in init_process; this must live as long as the process. An exiting worker does
    /// not wait for it.
    void start(ngx_log_t* log, void (*body)(), ngx_msec_t interval_ms = 1000) noexcept;

private:
    void fire();

    ngx_event_t event_{};
    ngx_connection_t nobody_{};  ///< nginx's debug log names a timer by its connection's descriptor
    void (*body_)() = nullptr;
    ngx_msec_t interval_ms_ = 0;
};

}  // namespace gatehouse::glue
