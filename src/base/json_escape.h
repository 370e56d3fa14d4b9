// Strings as JSON text (RFC 8259 §7).
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

/// Appends `text` as a JSON string, quotes included. Control characters are escaped, other
/// well-formed UTF-8 is copied as it is, and what is not well-formed becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace gatehouse
