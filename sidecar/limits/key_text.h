// A key as an operator writes it, and as the cells of a zone are named by it.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::limits {

enum class KeyForm {
    automatic,  ///< an address where the zone's key is one, else as it stands
    text,       ///< as it stands
    hex,        ///< two digits for each byte
};

/// The bytes that `expression`, the key of a zone, evaluates to for what is meant. For $gate_client
/// an address is masked: "2001:db8::1" to its /64, "2001:db8::1/56" to its /56.
Result<std::string> key_bytes(std::string_view given, KeyForm form, std::string_view expression);

}  // namespace gatehouse::limits
