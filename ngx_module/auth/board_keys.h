// Key sets that the sidecar fetches: tables `jwks:NAME` (src/auth/fetched_keyset.h).
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <string_view>

#include "src/auth/keyset.h"

namespace gatehouse::auth_feature {

/// From postconfiguration.
void take_board_keys();

/// nullptr: there is none yet, or none that was fetched within a day. Valid until the event loop's
/// next turn.
const auth::Keyset* board_keys(std::string_view name) noexcept;

/// Unix time from which they are no longer believed unless they are fetched again.
std::int64_t board_keys_until_s(std::string_view name) noexcept;

/// Changes whenever any set does.
std::uint64_t board_keys_epoch() noexcept;

/// Tells the sidecar that a token names a key that the set does not have. However many ask, it is
/// told once a second, and it decides whether to fetch.
void want_board_keys(std::string_view name) noexcept;

}  // namespace gatehouse::auth_feature
