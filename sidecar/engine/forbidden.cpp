#include "sidecar/engine/forbidden.h"

#include <algorithm>
#include <array>

#include "sidecar/base/sql_scan.h"

namespace gatehouse::engine {
namespace {

using sidecar::SqlPiece;
using sidecar::SqlPieceKind;

/// Of DuckDB. sidecar/app/functions_test.cpp asks DuckDB whether it has one that is not known.
constexpr std::array<std::string_view, 10> forbidden{
    "arrow_scan",
    "arrow_scan_dumb",
    "checkpoint",
    "disable_logging",
    "enable_logging",
    "force_checkpoint",
    "json_execute_serialized_sql",
    "query",
    "truncate_duckdb_logs",
    "write_log",
};

bool is_blank(const SqlPiece& piece)
{
    return piece.kind == SqlPieceKind::space || piece.kind == SqlPieceKind::comment;
}

bool is_name(const SqlPiece& piece)
{
    return piece.kind == SqlPieceKind::word || piece.kind == SqlPieceKind::quoted_name;
}

}  // namespace

std::string forbidden_function(std::string_view sql)
{
    std::string name;  // the last piece, if it is one
    for (const auto& piece : sidecar::sql_pieces(sql)) {
        if (piece.text == "(" && std::binary_search(forbidden.begin(), forbidden.end(), name)) {
            return name;
        }
        if (!is_blank(piece)) {
            name = is_name(piece) ? sidecar::folded_name_in(piece) : std::string{};
        }
    }
    return {};
}

}  // namespace gatehouse::engine
