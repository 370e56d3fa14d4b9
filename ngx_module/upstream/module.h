// For what the files of this feature look up in nginx.
#pragma once

#include "ngx_module/glue/ngx.h"

extern "C" ngx_module_t ngx_http_gatehouse_upstream_module;
