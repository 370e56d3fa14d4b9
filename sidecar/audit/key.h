// The secret that ties the lines of the audit log together.
#pragma once

#include <string>

#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::audit_log {

/// The key a configuration names. A key file that is not there is made, with 64 random hexadecimal
/// digits and mode 0600.
Result<std::string> key_of(const config::Audit& settings);

}  // namespace gatehouse::audit_log
