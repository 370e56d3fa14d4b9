#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/tick.h"

#include "ngx_module/glue/guard.h"

namespace gatehouse::glue {

void Tick::start(ngx_log_t* log, void (*body)(), ngx_msec_t interval_ms) noexcept
{
    body_ = body;
    interval_ms_ = interval_ms;
    nobody_.fd = -1;
    nobody_.data = this;
    event_.data = &nobody_;
    event_.handler = on_connection_event<Tick, &Tick::fire>;
    event_.log = log;
    event_.cancelable = 1;
    ngx_add_timer(&event_, interval_ms);
}

void Tick::fire()
{
    if (!ngx_exiting) {
        ngx_add_timer(&event_, interval_ms_);
    }
    body_();
}

}  // namespace gatehouse::glue
