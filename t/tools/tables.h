// The tables the publisher holds: bytes of files, and tables of API tokens made of text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/board/table.h"

namespace gatehouse::publisher {

using Tables = std::map<std::string, board::Table, std::less<>>;

/// The bytes of a file, sealed.
Result<board::Table> table_of_file(std::string name, const std::string& file,
                                   std::uint64_t generation);

/// A table of tokens, from a file with one token a line as settings `key=value` with tabs between:
///
///     token=TEXT                    its whole text; its id, too, unless it is foreign
///     id=ID, foreign=1              of a token made elsewhere
///     user, scopes, plan, networks (with blanks between), not_before, expires (Unix time)
///     revoked=1, removed=1
///
/// `base_checksum`: of the base that these are changes to; 0: a base.
Result<board::Table> table_of_tokens(std::string name, const std::string& file,
                                     std::uint64_t revision, std::uint64_t base_checksum,
                                     std::uint64_t generation);

/// The table of the paths of cards with variants, from a file with one card a line: its name, its
/// pattern, the names of its query with blanks between, its scopes, and its flags (1), with tabs
/// between.
Result<board::Table> table_of_paths(const std::string& file, std::uint64_t generation);

/// A table of health, from a file of lines whose words are separated by tabs:
///
///     state STATE                            of everything
///     down_after MILLISECONDS
///     answer QUESTION STATE STATUS PROFILE TYPE BODY
///     check NAME STATE SEVERITY DURATION_US CHECKED_AT_MS
Result<board::Table> table_of_health(std::string name, const std::string& file,
                                     std::uint64_t generation);

/// 0 where the table is none of tokens.
std::uint64_t checksum_of(const board::Table& table);

/// Writes all as files beside a board file, for nginx to start with.
Result<void> file_tables(const Tables& tables, const std::string& board_file);

}  // namespace gatehouse::publisher
