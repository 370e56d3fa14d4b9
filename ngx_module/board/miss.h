// The Cache-Status field of what answers when the board has no card for a path.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::board_feature {

/// The board was asked for this request and has nothing on its path.
void note_miss(ngx_http_request_t& r);

/// The board answers after all, on the path an internal redirect led to.
void note_hit(ngx_http_request_t& r) noexcept;

/// Puts the miss filter before nginx's header filters.
void install_miss_filter() noexcept;

}  // namespace gatehouse::board_feature
