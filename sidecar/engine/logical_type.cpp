// logical_type of types.h.
#include <vector>

#include "sidecar/engine/types.h"

namespace gatehouse::engine {
namespace {

using sidecar::Type;
using sidecar::TypeId;

/// REQUIRES: not one of the types that have parts or parameters.
duckdb_type plain(TypeId id) noexcept
{
    switch (id) {
    case TypeId::boolean: return DUCKDB_TYPE_BOOLEAN;
    case TypeId::int8: return DUCKDB_TYPE_TINYINT;
    case TypeId::int16: return DUCKDB_TYPE_SMALLINT;
    case TypeId::int64: return DUCKDB_TYPE_BIGINT;
    case TypeId::uint8: return DUCKDB_TYPE_UTINYINT;
    case TypeId::uint16: return DUCKDB_TYPE_USMALLINT;
    case TypeId::uint32: return DUCKDB_TYPE_UINTEGER;
    case TypeId::uint64: return DUCKDB_TYPE_UBIGINT;
    case TypeId::int128: return DUCKDB_TYPE_HUGEINT;
    case TypeId::uint128: return DUCKDB_TYPE_UHUGEINT;
    case TypeId::float32: return DUCKDB_TYPE_FLOAT;
    case TypeId::float64: return DUCKDB_TYPE_DOUBLE;
    case TypeId::text: return DUCKDB_TYPE_VARCHAR;
    case TypeId::blob: return DUCKDB_TYPE_BLOB;
    case TypeId::date: return DUCKDB_TYPE_DATE;
    case TypeId::time: return DUCKDB_TYPE_TIME;
    case TypeId::timestamp_s: return DUCKDB_TYPE_TIMESTAMP_S;
    case TypeId::timestamp_ms: return DUCKDB_TYPE_TIMESTAMP_MS;
    case TypeId::timestamp_us: return DUCKDB_TYPE_TIMESTAMP;
    case TypeId::timestamp_ns: return DUCKDB_TYPE_TIMESTAMP_NS;
    case TypeId::timestamp_tz: return DUCKDB_TYPE_TIMESTAMP_TZ;
    case TypeId::uuid: return DUCKDB_TYPE_UUID;
    default: return DUCKDB_TYPE_INTEGER;  // int32, and null: what DuckDB makes of NULLs in a table
    }
}

std::uint8_t digits_of(TypeId storage) noexcept
{
    switch (storage) {
    case TypeId::int16: return 4;
    case TypeId::int32: return 9;
    case TypeId::int64: return 18;
    default: return 38;
    }
}

LogicalType structure(const Type& type)
{
    std::vector<LogicalType> owners;
    std::vector<duckdb_logical_type> types;
    std::vector<const char*> names;
    for (std::size_t i = 0; i < type.children.size(); ++i) {
        owners.push_back(logical_type(type.children[i]));
        types.push_back(owners.back().get());
        names.push_back(type.fields[i].c_str());
    }
    return LogicalType(duckdb_create_struct_type(types.data(), names.data(), types.size()));
}

LogicalType enumeration(const Type& type)
{
    std::vector<const char*> names;
    for (const std::string& label : *type.labels) {
        names.push_back(label.c_str());
    }
    return LogicalType(duckdb_create_enum_type(names.data(), names.size()));
}

}  // namespace

LogicalType logical_type(const Type& type)
{
    switch (type.id) {
    case TypeId::decimal:
        return LogicalType(duckdb_create_decimal_type(digits_of(type.storage), type.scale));
    case TypeId::enumeration: return enumeration(type);
    case TypeId::structure: return structure(type);
    case TypeId::list:
        return LogicalType(duckdb_create_list_type(logical_type(type.children[0]).get()));
    case TypeId::array:
        return LogicalType(
            duckdb_create_array_type(logical_type(type.children[0]).get(), type.size));
    case TypeId::map: {
        const Type& entry = type.children[0];
        return LogicalType(duckdb_create_map_type(logical_type(entry.children[0]).get(),
                                                  logical_type(entry.children[1]).get()));
    }
    default: return LogicalType(duckdb_create_logical_type(plain(type.id)));
    }
}

}  // namespace gatehouse::engine
