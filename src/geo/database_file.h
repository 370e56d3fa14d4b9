// Reads a database's file into memory of our own.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "src/base/result.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::geo {

inline constexpr std::size_t largest_database = std::size_t{1} << 30;

/// All of a regular file, links followed, verified (verify.h). A file that is written to meanwhile
/// is an error. Errors name the file and the flaw.
Result<std::shared_ptr<const SealedMemory>> read_database_file(const std::string& path);

/// XXH3-64: whether two files are the same.
std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;

}  // namespace gatehouse::geo
