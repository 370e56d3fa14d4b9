// The nginx modules of this feature.
#pragma once

#include "ngx_module/glue/ngx.h"

extern "C" {
extern ngx_module_t ngx_http_gatehouse_conn_module;       // directives, the guard
extern ngx_module_t ngx_http_gatehouse_conn_late_module;  // sees what a response has become
}
