#include "sidecar/engine/whole_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "sidecar/base/sql_scan.h"
#include "src/base/ascii.h"

namespace gatehouse::engine {
namespace {

using sidecar::Relation;
using sidecar::SqlPiece;
using sidecar::SqlPieceKind;
using sidecar::Table;

bool is_word(const SqlPiece& piece, std::string_view lower)
{
    return piece.kind == SqlPieceKind::word && folded_name_in(piece) == lower;
}

/// NAME of `SELECT * FROM NAME`; empty: it is another statement.
std::string name_asked_for(std::string_view sql)
{
    std::vector<SqlPiece> pieces = sidecar::sql_pieces(sidecar::without_end(sql));
    std::erase_if(pieces, [](const SqlPiece& piece) {
        return piece.kind == SqlPieceKind::space || piece.kind == SqlPieceKind::comment;
    });
    const bool asks =
        pieces.size() == 4 && is_word(pieces[0], "select") && pieces[1].text == "*" &&
        is_word(pieces[2], "from") &&
        (pieces[3].kind == SqlPieceKind::word || pieces[3].kind == SqlPieceKind::quoted_name);
    return asks ? sidecar::folded_name_in(pieces[3]) : "";
}

bool comes_back_as_it_is(const sidecar::Column& column)
{
    using sidecar::TypeId;
    const TypeId id = column.type.id;
    return id == TypeId::int64 || id == TypeId::float64 || id == TypeId::text;
}

}  // namespace

std::optional<Table> whole_table(std::string_view sql, std::span<const Relation> relations)
{
    const std::string name = name_asked_for(sql);
    const auto found =
        std::find_if(relations.begin(), relations.end(), [&](const Relation& relation) {
            return relation.schema.empty() && equals_ignoring_case(relation.name, name);
        });
    if (name.empty() || found == relations.end() || found->rows.size() != 1) {
        return std::nullopt;
    }
    const Table& rows = found->rows.front();
    const bool as_it_is =
        std::all_of(rows.columns().begin(), rows.columns().end(), comes_back_as_it_is);
    return as_it_is ? std::optional{rows} : std::nullopt;
}

}  // namespace gatehouse::engine
