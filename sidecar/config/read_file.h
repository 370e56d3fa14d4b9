// A whole regular file as bytes.
#pragma once

#include <string>

#include "src/base/result.h"

namespace gatehouse::config {

/// Errors: cannot be opened or read, not a regular file, more than `limit` bytes. The message
/// starts with why and leaves the name to the caller. Never blocks on a pipe or device.
Result<std::string> read_file(const std::string& path, std::size_t limit);

}  // namespace gatehouse::config
