// The footer of a Parquet file, looked at before the engine reads it.
//
// DuckDB walks the schema by recursion: a deep one overflows its stack, and the process is gone.
//
// Thread safety: a free function without state.
#pragma once

#include <istream>
#include <optional>
#include <string>

namespace gatehouse::sources {

inline constexpr std::size_t deepest_parquet = 64;  ///< groups within each other

/// Why the engine must not read this file, if it must not: its columns are nested deeper, or its
/// footer is damaged. What is no Parquet file is left to the engine, which does not look further
/// into it. Takes little memory, whatever the file says.
std::optional<std::string> parquet_objection(std::istream& file);

}  // namespace gatehouse::sources
