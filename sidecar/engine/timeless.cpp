#include "sidecar/engine/timeless.h"

#include <algorithm>
#include <array>
#include <string>

#include "sidecar/base/sql_scan.h"

namespace gatehouse::engine {
namespace {

using sidecar::SqlPieceKind;

/// Functions and keywords of DuckDB. timeless_test.cpp asks DuckDB whether one is missing.
constexpr std::array<std::string_view, 44> changing{
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
    "gen_random_uuid",
    "get_block_size",
    "get_current_time",
    "get_current_timestamp",
    "getvariable",
    "histogram_values",
    "in_search_path",
    "localtime",
    "localtimestamp",
    "nextval",
    "now",
    "pg_timezone_names",
    "query",
    "query_table",
    "random",
    "reservoir_quantile",
    "sample",
    "setseed",
    "stats",
    "tablesample",
    "today",
    "transaction_timestamp",
    "txid_current",
    "uuid",
    "uuidv4",
    "uuidv7",
    "write_log",
};

bool is_changing(std::string_view name)
{
    return std::binary_search(changing.begin(), changing.end(), name) ||
           name.starts_with("duckdb_") || name.starts_with("pragma_");
}

}  // namespace

bool is_timeless(std::string_view sql)
{
    const auto pieces = sidecar::sql_pieces(sql);
    return std::none_of(pieces.begin(), pieces.end(), [](const auto& piece) {
        const bool names =
            piece.kind == SqlPieceKind::word || piece.kind == SqlPieceKind::quoted_name;
        return names && is_changing(sidecar::folded_name_in(piece));
    });
}

}  // namespace gatehouse::engine
