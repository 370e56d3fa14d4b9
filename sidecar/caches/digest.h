// What texts and files are told apart by: XXH3-128 as 32 hexadecimal digits. No protection against
// somebody who wants two to look alike.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::caches {

std::string digest_of(std::string_view bytes);

/// Of the bytes of all files, one after another. Blocks; some gigabytes a second.
Result<std::string> digest_of_files(std::span<const std::string> paths);

}  // namespace gatehouse::caches
