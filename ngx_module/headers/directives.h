// gate_headers and gate_header.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/headers/conf.h"

namespace gatehouse::headers_feature {

extern ngx_command_t commands[];

MainConf& main_conf(ngx_conf_t& cf) noexcept;
void* create_main_conf(ngx_conf_t& cf);
void* create_location_conf(ngx_conf_t& cf);

/// False: nginx refuses a value; it has said why.
bool merge_location_conf(ngx_conf_t& cf, HeadersConf& outer, HeadersConf& inner);

}  // namespace gatehouse::headers_feature
