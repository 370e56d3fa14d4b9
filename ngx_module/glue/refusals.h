// What the directives of every guard that refuses requests share: status, level, dry run.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::glue {

/// Of `…_log_level`.
extern ngx_conf_enum_t refusal_log_levels[];

/// Of `…_status`: refuses what nginx does not send as it is.
extern ngx_conf_post_t refusal_status;

/// Conf has the members status, log_level and dry_run, each unset to begin with.
template <class Conf>
void merge_refusals(Conf& inner, const Conf& outer) noexcept
{
    ngx_conf_merge_uint_value(inner.status, outer.status, NGX_HTTP_TOO_MANY_REQUESTS);
    ngx_conf_merge_uint_value(inner.log_level, outer.log_level, NGX_LOG_ERR);
    ngx_conf_merge_value(inner.dry_run, outer.dry_run, 0);
}

}  // namespace gatehouse::glue
