// The directives of this feature.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/conf.h"

namespace gatehouse::conn_feature {

extern ngx_command_t commands[];

void* create_main_conf(ngx_conf_t& cf);
void* create_location_conf(ngx_conf_t& cf);
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept;

MainConf& main_conf(ngx_conf_t& cf) noexcept;

/// gate_conn_zone KEY zone=NAME:SIZE
char* set_zone(ngx_conf_t& cf, MainConf& conf);

/// gate_conn zone=NAME N [class=…] | off
char* set_rule(ngx_conf_t& cf, ConnConf& conf);

/// Finds each rule's zone; in postconfiguration, as a zone may stand after its use.
ngx_int_t resolve_rules(ngx_conf_t& cf, MainConf& conf);

}  // namespace gatehouse::conn_feature
