// The nginx modules of this feature.
#pragma once

#include "ngx_module/glue/ngx.h"

extern "C" {
extern ngx_module_t ngx_http_gatehouse_cors_module;       // directive, preflights
extern ngx_module_t ngx_http_gatehouse_cors_late_module;  // response fields
}
