#include "sidecar/engine/timeless.h"

#include <algorithm>
#include <array>
#include <string>

#include "sidecar/base/sql_scan.h"

namespace gatehouse::engine {
namespace {

using sidecar::SqlPieceKind;

/// Functions of DuckDB. sidecar/app/functions_test.cpp asks DuckDB whether one is missing.
constexpr std::array<std::string_view, 43> changing{
    "age",
    "current_catalog",
    "current_connection_id",
    "current_database",
    "current_date",
    "current_localtime",
    "current_localtimestamp",
    "current_query",
    "current_query_id",
    "current_schema",
    "current_schemas",
    "current_setting",
    "current_time",
    "current_timestamp",
    "current_transaction_id",
    "currval",
    "error",
    "format_type",
    "gen_random_uuid",
    "get_block_size",
    "get_current_time",
    "get_current_timestamp",
    "getvariable",
    "histogram_values",
    "in_search_path",
    "nextval",
    "now",
    "pg_conf_load_time",
    "pg_get_constraintdef",
    "pg_get_viewdef",
    "pg_postmaster_start_time",
    "query_table",
    "random",
    "reservoir_quantile",
    "sample",
    "setseed",
    "stats",
    "today",
    "transaction_timestamp",
    "txid_current",
    "uuid",
    "uuidv4",
    "uuidv7",
};

/// Whether the name says so by itself, without parentheses.
bool is_changing_word(std::string_view name)
{
    constexpr std::array<std::string_view, 7> words{
        "current_date",   "current_time",      "current_timestamp", "localtime",
        "localtimestamp", "pg_timezone_names", "tablesample"};
    return std::find(words.begin(), words.end(), name) != words.end() ||
           name.starts_with("duckdb_") || name.starts_with("pragma_");
}

bool is_changing_function(std::string_view name)
{
    return std::binary_search(changing.begin(), changing.end(), name);
}

bool is_blank(const sidecar::SqlPiece& piece)
{
    return piece.kind == SqlPieceKind::space || piece.kind == SqlPieceKind::comment;
}

}  // namespace

bool is_timeless(std::string_view sql)
{
    std::string before;  // the last piece, if it is a name
    for (const auto& piece : sidecar::sql_pieces(sql)) {
        if (is_blank(piece)) {
            continue;
        }
        const bool names =
            piece.kind == SqlPieceKind::word || piece.kind == SqlPieceKind::quoted_name;
        auto name = names ? sidecar::folded_name_in(piece) : std::string{};
        if (is_changing_word(name) || (before == "using" && name == "sample") ||
            (piece.text == "(" && is_changing_function(before))) {
            return false;
        }
        before = std::move(name);
    }
    return true;
}

}  // namespace gatehouse::engine
