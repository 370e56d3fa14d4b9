// The directives of this feature.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"

namespace gatehouse::limit_feature {

extern ngx_command_t commands[];

void* create_main_conf(ngx_conf_t& cf);
void* create_location_conf(ngx_conf_t& cf);
void merge_location_conf(ngx_conf_t& cf, const LimitConf& outer, LimitConf& inner);

MainConf& main_conf(ngx_conf_t& cf) noexcept;

}  // namespace gatehouse::limit_feature
