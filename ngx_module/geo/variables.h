// $gate_country, $gate_continent, $gate_city, $gate_asn, $gate_as_org.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::geo_feature {

/// To be called from preconfiguration.
ngx_int_t add_geo_variables(ngx_conf_t& cf);

}  // namespace gatehouse::geo_feature
