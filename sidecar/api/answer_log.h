// What the sidecar's log says of an answered request.
#pragma once

#include "sidecar/base/api.h"

namespace gatehouse::api {

/// nginx's log has every request; what is said here by default is what went wrong, and why.
void log_answer(const Request& request, const Response& response);

}  // namespace gatehouse::api
