// Scopes: what a token's holder may do, as words separated by single spaces (RFC 6749 §3.3).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::auth {

inline constexpr std::size_t longest_scope = 64;
inline constexpr std::size_t most_scopes = 100;

/// Whether it is a name: 1 to 64 of A–Z a–z 0–9 : . _ / -
bool is_scope(std::string_view text) noexcept;

/// The names sorted and joined by one space, as tokens carry them. Fails, saying which and why, on
/// what is no name ("*" is none: nothing stands for all scopes), on duplicates, and on more than
/// most_scopes.
Result<std::string> join_scopes(std::span<const std::string> names);

/// Whether the list has exactly this name. Words may be separated by more than one space.
bool has_scope(std::string_view scopes, std::string_view name) noexcept;

}  // namespace gatehouse::auth
