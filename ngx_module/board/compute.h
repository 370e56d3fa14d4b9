// `gate_compute`: where the variants of cards are computed that the board does not have.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/conf.h"

namespace gatehouse::board_feature {

bool is_in_named_location(const ngx_http_request_t& r) noexcept;

/// Whether there is any place that a miss of this request leads to: the named location, or a
/// content handler of this one, such as proxy_pass.
bool can_be_computed(const ngx_http_request_t& r, const BoardConf& conf) noexcept;

/// Once the rest of the phase has let the request pass, it goes to the named location, if there is
/// one and it has not been there. What a named location asks for goes nowhere else: there is no
/// loop.
void mark_for_compute(ngx_http_request_t& r, const BoardConf& conf) noexcept;

/// --- for the directives ---

char* set_compute(ngx_conf_t& cf, BoardConf& conf);

/// From merging: a location with the board on leads there. What a server has no location for is
/// refused in the end.
void note_compute_use(ngx_conf_t& cf, const BoardConf& conf);

}  // namespace gatehouse::board_feature
