// What the directives of the board say about a location.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::board_feature {

struct BoardConf {
    ngx_flag_t enabled;
    ngx_msec_t stale_ms;      ///< past max_age; NGX_CONF_UNSET_MSEC: as the card says
    ngx_str_t compute;        ///< the named location, with its '@'; "": off
    ngx_str_t compute_place;  ///< of the directive: FILE:LINE
};

/// For a card that does not say either.
inline constexpr ngx_msec_t default_stale_ms = 3'600'000;

}  // namespace gatehouse::board_feature
