// The directives of this feature.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/geo/conf.h"

namespace gatehouse::geo_feature {

extern ngx_command_t commands[];

void* create_main_conf(ngx_conf_t& cf);
void* create_location_conf(ngx_conf_t& cf);
void merge_location_conf(ngx_conf_t& cf, GeoConf& outer, GeoConf& inner);

MainConf& main_conf(ngx_conf_t& cf) noexcept;

/// What only the whole configuration tells; says what is wrong.
ngx_int_t check_databases(ngx_conf_t& cf);

// rule_directive.cpp
char* add_allowed(ngx_conf_t& cf, GeoConf& conf);
char* add_denied(ngx_conf_t& cf, GeoConf& conf);

}  // namespace gatehouse::geo_feature
