// The end of an audit log: gatehousectl audit tail.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::ctl {

/// Prints the last `count` lines, and with `follow` those that come, also after the file was
/// renamed and a new one begun, until the process is ended. Returns the exit status.
int tail_audit(const std::string& file, std::uint64_t count, bool follow, bool as_json);

/// One line for people; control characters become "?".
std::string audit_text(const std::string& line);

}  // namespace gatehouse::ctl
