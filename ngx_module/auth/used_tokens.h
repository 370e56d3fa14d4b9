// Which API tokens this worker has seen used, for the sidecar to note by when: coarse, and never at
// a request's expense.
//
// Thread safety: none; one per worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

namespace gatehouse::auth_feature {

/// REQUIRES: an id of eight characters. Some ten instructions for a token that was used just now.
void note_used(std::string_view id);

/// Tells what was noted since the last time, if the sidecar is there. Called by a timer, and at the
/// worker's end.
void report_used();

}  // namespace gatehouse::auth_feature
