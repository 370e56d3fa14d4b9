// PostgreSQL's types and their binary form, in the terms of sidecar/base/table.h.
//
// Types that are not listed come as text, which PostgreSQL is asked for. What has no counterpart is
// NULL: dates and timestamps that are infinite, and NaN and infinity of a numeric(p, s). A numeric
// without precision is a DOUBLE.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/base/vector_writer.h"
#include "src/base/result.h"

namespace gatehouse::databases {

using Oid = std::uint32_t;

/// The type of a column; nothing: it is to be asked for as text.
std::optional<sidecar::Type> type_of(Oid oid, int modifier);

/// SQL for the text of a value of a type that is to be asked for so: as the server shows it.
std::string as_text(const std::string& expression, Oid oid);

/// Adds a value in its binary form to the column. Fails when the bytes are no such value, or an
/// array has more than one dimension.
Result<void> append(sidecar::VectorWriter& to, Oid oid, std::string_view bytes);

}  // namespace gatehouse::databases
