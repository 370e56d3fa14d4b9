// Content codings of a body, made once per snapshot.
//
// Thread safety: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sidecar/config/types.h"
#include "src/base/representation.h"

namespace gatehouse::render {

/// How hard to try: what refreshes often is worth less work.
enum class Effort { low, medium, high };

/// For a body of this size that is made anew as often as `refresh` says.
Effort effort_for(const config::Refresh& refresh, std::size_t bytes);

/// The body in that encoding, or nothing when it is not worth sending so: too small to begin with,
/// or less than 5 % smaller. The same body and effort give the same bytes.
std::optional<std::string> compress(std::string_view body, Encoding encoding, Effort effort);

}  // namespace gatehouse::render
