// Whether bytes are a MaxMind DB from end to end: libmaxminddb looks at no more than what it is
// asked for, so a damaged file would be found out by requests, one after the other.
//
// Checked are the metadata, every record of the search tree, and every value that a record leads
// to: types, sizes, bounds, pointers without cycles, texts in UTF-8. Some 10 ns per byte.
#pragma once

#include <cstddef>
#include <span>

#include "src/base/result.h"

namespace gatehouse::geo {

/// Errors tell the flaw, not the file's name.
Result<void> verify(std::span<const std::byte> file);

}  // namespace gatehouse::geo
