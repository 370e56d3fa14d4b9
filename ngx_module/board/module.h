// The board's nginx modules, for the files of this folder.
#pragma once

#include "ngx_module/glue/ngx.h"

extern "C" ngx_module_t ngx_http_gatehouse_board_module;
extern "C" ngx_module_t ngx_http_gatehouse_compute_module;
