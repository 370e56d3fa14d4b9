#include "sidecar/databases/own_relation.h"

#include <set>
#include <vector>

#include "sidecar/base/sql_scan.h"
#include "sidecar/base/sql_text.h"

namespace gatehouse::databases {
namespace {

using sidecar::SqlPiece;
using sidecar::SqlPieceKind;

bool is_name(const SqlPiece& piece) noexcept
{
    return piece.kind == SqlPieceKind::word || piece.kind == SqlPieceKind::quoted_name;
}

bool is_blank(const SqlPiece& piece) noexcept
{
    return piece.kind == SqlPieceKind::space || piece.kind == SqlPieceKind::comment;
}

/// The SQL's pieces but for blanks and comments.
std::vector<SqlPiece> tokens(const std::string& sql)
{
    std::vector<SqlPiece> pieces = sidecar::sql_pieces(sql);
    std::erase_if(pieces, is_blank);
    return pieces;
}

bool names(const SqlPiece& piece, const std::string& source)
{
    return is_name(piece) && sidecar::name_in(piece) == source;
}

bool uses(const std::vector<SqlPiece>& pieces, const std::string& source)
{
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (names(pieces[i], source) && (i == 0 || pieces[i - 1].text != ".")) {
            return true;
        }
    }
    return false;
}

std::size_t end_of(const SqlPiece& piece, const std::string& sql)
{
    return static_cast<std::size_t>(piece.text.data() + piece.text.size() - sql.data());
}

}  // namespace

std::string quoted_table(const std::string& name)
{
    const auto dot = name.find('.');
    return dot == name.npos ? sidecar::sql_identifier(name)
                            : sidecar::sql_identifier(name.substr(0, dot)) + "." +
                                  sidecar::sql_identifier(name.substr(dot + 1));
}

std::optional<std::string> own_query(const config::Source& source)
{
    if (!source.database.query.empty()) {
        return std::string(sidecar::without_end(source.database.query));
    }
    if (!source.database.table.empty()) {
        return "SELECT * FROM " + quoted_table(source.database.table);
    }
    return std::nullopt;
}

std::string with_own_relation(const std::string& sql, const config::Source& source)
{
    const auto query = own_query(source);
    const std::vector<SqlPiece> pieces = tokens(sql);
    if (!query || !uses(pieces, source.name)) {
        return sql;
    }
    const std::string definition = sidecar::sql_identifier(source.name) + " AS (" + *query + "\n)";
    if (!names(pieces[0], "with")) {
        return "WITH " + definition + " " + sql;
    }
    const bool recursive = pieces.size() > 1 && names(pieces[1], "recursive");
    return (recursive ? "WITH RECURSIVE " : "WITH ") + definition + ", " +
           sql.substr(end_of(pieces[recursive ? 1 : 0], sql));
}

std::vector<std::string> tables_named(const std::string& sql, const config::Source& source)
{
    const std::vector<SqlPiece> pieces = tokens(sql);
    const bool has_own = own_query(source).has_value();
    std::set<std::string> found;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (!names(pieces[i], source.name) || (i > 0 && pieces[i - 1].text == ".")) {
            continue;
        }
        if (has_own) {
            found.insert("");
        } else if (i + 2 < pieces.size() && pieces[i + 1].text == "." && is_name(pieces[i + 2])) {
            found.insert(sidecar::name_in(pieces[i + 2]));
        }
    }
    return {found.begin(), found.end()};
}

std::string without_source_name(const std::string& sql, const std::string& source)
{
    const std::vector<SqlPiece> pieces = tokens(sql);
    std::string out;
    std::size_t copied = 0;
    for (std::size_t i = 0; i + 2 < pieces.size(); ++i) {
        if (names(pieces[i], source) && pieces[i + 1].text == "." && is_name(pieces[i + 2]) &&
            (i == 0 || pieces[i - 1].text != ".")) {
            const std::size_t start = end_of(pieces[i], sql) - pieces[i].text.size();
            out += sql.substr(copied, start - copied);
            copied = end_of(pieces[i + 1], sql);
        }
    }
    return out + sql.substr(copied);
}

}  // namespace gatehouse::databases
