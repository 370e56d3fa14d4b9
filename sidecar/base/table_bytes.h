// A table as bytes, to be kept and read again by whatever version of the sidecar comes next.
//
//     "GTROWS01"  rows u64  columns u32
//     for each column:  type u8  name_size u32  name
//     for each column, from a multiple of 8 on:
//         valid   rows bits, from the lowest of each byte on, in whole u64
//         cells   BIGINT, DOUBLE, TIMESTAMP: 8 bytes each; DATE: 4; BOOLEAN: 1;
//                 VARCHAR: the size of each, u32, then from a multiple of 8 on all of them
//
// All numbers are little-endian.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "sidecar/base/table.h"
#include "src/base/result.h"

namespace gatehouse::sidecar {

/// Whether columns of the type can be kept: BOOLEAN, BIGINT, DOUBLE, VARCHAR, DATE, TIMESTAMP.
bool is_kept_type(TypeId type) noexcept;

/// REQUIRES: columns of types that can be kept.
std::string table_bytes(const Table& table);

/// Fails for what is no such table, or one that is cut off.
Result<Table> table_of(std::string_view bytes);

}  // namespace gatehouse::sidecar
