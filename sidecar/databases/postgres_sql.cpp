#include "sidecar/databases/postgres_sql.h"

#include <algorithm>

#include "sidecar/base/sql_scan.h"

namespace gatehouse::databases {
namespace {

using sidecar::SqlPiece;
using sidecar::SqlPieceKind;

/// The transaction is read-only as well; this makes the message better.
Result<void> check_is_query(const std::vector<SqlPiece>& pieces)
{
    for (const SqlPiece& piece : pieces) {
        if (piece.kind == SqlPieceKind::space || piece.kind == SqlPieceKind::comment ||
            piece.text == "(") {
            continue;
        }
        const std::string first = sidecar::name_in(piece);
        const bool query =
            piece.kind == SqlPieceKind::word &&
            (first == "select" || first == "with" || first == "values" || first == "table");
        return query ? Result<void>{} : Error{"the SQL must be a query, such as SELECT"};
    }
    return Error{"the SQL has no statement"};
}

std::string number_of(const std::string& name, std::vector<std::string>& parameters)
{
    auto known = std::find(parameters.begin(), parameters.end(), name);
    if (known == parameters.end()) {
        known = parameters.insert(known, name);
    }
    return "$" + std::to_string(known - parameters.begin() + 1);
}

}  // namespace

Result<NumberedSql> numbered(const std::string& sql)
{
    if (sql.find('\0') != sql.npos) {
        return Error{"the SQL has a NUL character"};
    }
    const std::string_view statement = sidecar::without_end(sql);
    const std::vector<SqlPiece> pieces = sidecar::sql_pieces(statement);
    if (Result<void> query = check_is_query(pieces); !query) {
        return query.error();
    }
    NumberedSql out;
    for (const SqlPiece& piece : pieces) {
        if (piece.kind != SqlPieceKind::parameter) {
            if (piece.text == ";") {
                return Error{"the SQL must be one statement"};
            }
            out.sql += piece.text;
            continue;
        }
        const std::string name(piece.text.substr(1));
        if (name.front() >= '0' && name.front() <= '9') {
            return Error{
                "the SQL has a parameter without a name; write $ and a name from the "
                "card's \"params\""};
        }
        out.sql += number_of(name, out.parameters);
    }
    return out;
}

}  // namespace gatehouse::databases
