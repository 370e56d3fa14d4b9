// Parts of a URL.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::ctl {

/// All but letters, digits and -._~ as %XX (RFC 3986 §2.3).
std::string percent_encoded(std::string_view text);

}  // namespace gatehouse::ctl
