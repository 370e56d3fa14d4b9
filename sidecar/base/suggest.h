// "did you mean": the known name nearest to a mistyped one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::sidecar {

/// Edits between two names: insert, delete, replace one byte, or swap two neighbours (optimal
/// string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, letter case aside, when it is near enough to be a slip: at most
/// a third of the word wrong. Among equals the first wins. Words over 64 bytes have no suggestion.
std::optional<std::string> did_you_mean(std::string_view word,
                                        const std::vector<std::string>& candidates);

}  // namespace gatehouse::sidecar
