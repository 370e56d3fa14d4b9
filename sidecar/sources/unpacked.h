// The bytes of a file as the engine reads them: unpacked where the name says .gz or .zst.
//
// Thread safety: a free function without state.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::sources {

/// Hands all of them to `take`, piece by piece, until it returns false or the file cannot be read
/// any further, be it at its end or where it is damaged.
void read_unpacked(const std::string& path, const std::function<bool(std::string_view)>& take);

}  // namespace gatehouse::sources
