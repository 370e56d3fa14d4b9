// Opens a connection to the sidecar and introduces this worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/link/settings.h"
#include "src/base/result.h"
#include "src/link/channel.h"

namespace gatehouse::link_feature {

/// Remembers who the master is, whose sidecar a worker of another user trusts as well. To be called
/// in the master.
void remember_master() noexcept;

/// Connects, checks who listens (root, this user, the master's, or the owner of the socket file),
/// and sends hello and what the sidecar may read. Never blocks.
Result<link::Channel> dial(const Settings& settings);

/// Whether somebody listens on the socket.
bool sidecar_listens(const Settings& settings);

}  // namespace gatehouse::link_feature
