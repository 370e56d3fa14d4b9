// gate_cors.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/cors/conf.h"

namespace gatehouse::cors_feature {

extern ngx_command_t commands[];

MainConf& main_conf(ngx_conf_t& cf) noexcept;
void* create_main_conf(ngx_conf_t& cf);
void* create_location_conf(ngx_conf_t& cf);
void merge_location_conf(ngx_conf_t& cf, CorsConf& outer, CorsConf& inner);

}  // namespace gatehouse::cors_feature
