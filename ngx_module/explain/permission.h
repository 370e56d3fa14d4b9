// Who may have a request explained: the key that the sidecar hands out, and each permission once.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string_view>

#include "src/auth/explain_permission.h"

namespace gatehouse::explain_feature {

/// From postconfiguration: takes the key when it comes.
void follow_key();

/// In init_module, before the workers are forked: what they share, so that none believes a
/// permission that another one has.
void share_used();

/// The permission, if it is one that nobody has used before. Without a key there is none.
std::optional<auth::ExplainPermission> redeem(std::string_view value);

}  // namespace gatehouse::explain_feature
