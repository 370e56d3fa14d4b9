// The module's own record, by which its configuration is found.
#pragma once

#include "ngx_module/glue/ngx.h"

extern "C" ngx_module_t ngx_http_gatehouse_auth_module;
