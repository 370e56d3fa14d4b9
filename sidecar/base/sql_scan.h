// SQL text as pieces, by the lexical rules that DuckDB and PostgreSQL share: 'it''s', E'it\'s',
// $tag$text$tag$, "quoted names", comments that nest.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::sidecar {

enum class SqlPieceKind : std::uint8_t {
    space,
    comment,
    text,         ///< a string of any form
    word,         ///< a name or a keyword
    quoted_name,  ///< with its quotes
    number,
    parameter,  ///< $name or $1
    symbol,     ///< one byte of anything else
};

struct SqlPiece {
    SqlPieceKind kind;
    std::string_view text;  ///< of the SQL
};

/// The pieces, which make up the whole text. What is not closed runs to the end.
std::vector<SqlPiece> sql_pieces(std::string_view sql);

/// The name that a word or a quoted name stands for: words in lower case, quoted ones as they are.
std::string name_in(const SqlPiece& piece);

/// The same in lower case, as DuckDB finds functions by it.
std::string folded_name_in(const SqlPiece& piece);

/// The statement without what may follow it: blanks, comments and semicolons.
std::string_view without_end(std::string_view sql);

}  // namespace gatehouse::sidecar
