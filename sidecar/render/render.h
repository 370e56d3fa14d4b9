// Tables as bytes: each format of a card. docs/formats.md states the forms.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <string>

#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/representation.h"
#include "src/base/result.h"

namespace gatehouse::render {

/// A body larger than this is refused: it would have to be held several times over in memory.
inline constexpr std::uint64_t default_body_limit = 64u << 20;

/// The table in one format; `shape` is the form of Format::json, the other formats do not depend on
/// it. Fails when the table does not fit the shape (object: one row, value: one cell, series: two
/// columns or more), when two columns share a name, or when the body would exceed `body_limit`
/// bytes.
Result<std::string> render(const sidecar::Table& table, Format format, config::Shape shape,
                           std::uint64_t body_limit = default_body_limit);

}  // namespace gatehouse::render
