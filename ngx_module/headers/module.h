// The nginx module of this feature.
#pragma once

#include "ngx_module/glue/ngx.h"

extern "C" {
extern ngx_module_t ngx_http_gatehouse_headers_module;
}
