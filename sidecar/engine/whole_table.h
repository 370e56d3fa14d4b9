// The statement for which the engine is not needed.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"

namespace gatehouse::engine {

/// The rows that `SELECT * FROM NAME` asks for, where they are held and of types that the engine
/// gives back as it got them. Nothing: the engine is to be asked.
std::optional<sidecar::Table> whole_table(std::string_view sql,
                                          std::span<const sidecar::Relation> relations);

}  // namespace gatehouse::engine
