// The nginx modules of this feature.
#pragma once

#include "ngx_module/glue/ngx.h"

extern "C" {
extern ngx_module_t ngx_http_gatehouse_limit_module;       // directives; client stage, misses, log
extern ngx_module_t ngx_http_gatehouse_limit_late_module;  // identity stage, response fields
}
