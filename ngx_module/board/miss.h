// The Cache-Status field of what answers when the board has no card for a path.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>

namespace gatehouse::board_feature {

enum class Miss : std::uint8_t {
    path,           ///< no card has it
    variant,        ///< a card has it, but not this variant on the board
    stale_variant,  ///< the variant is too old, and is to be computed anew
};

/// The board was asked for this request and has nothing to serve.
void note_miss(ngx_http_request_t& r, Miss miss);

/// The board answers after all, on the path an internal redirect led to.
void note_hit(ngx_http_request_t& r) noexcept;

/// The request is about to be sent where its answer is computed. False: it was there before.
/// REQUIRES: note_miss() before.
bool note_compute(ngx_http_request_t& r) noexcept;

/// Puts the miss filter before nginx's header filters.
void install_miss_filter() noexcept;

}  // namespace gatehouse::board_feature
