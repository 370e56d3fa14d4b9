// The file that holds the key of an audit log.
#pragma once

#include <string>

#include "src/base/result.h"

namespace gatehouse::audit {

/// Its content without the line's end. Refuses a file that others than its owner and root may read
/// or write, and a key that is too short.
Result<std::string> read_key_file(const std::string& file);

/// Makes it, with 64 random hexadecimal digits and mode 0600, and returns the key. Fails if it is
/// there.
Result<std::string> make_key_file(const std::string& file);

}  // namespace gatehouse::audit
