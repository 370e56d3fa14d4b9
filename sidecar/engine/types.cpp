#include "sidecar/engine/types.h"

#include <cstddef>
#include <utility>

#include "sidecar/base/sql_text.h"

namespace gatehouse::engine {
namespace {

using sidecar::Type;
using sidecar::TypeId;
using sidecar::VectorView;

static_assert(sizeof(sidecar::Text) == sizeof(duckdb_string_t));
static_assert(sizeof(sidecar::ListEntry) == sizeof(duckdb_list_entry));
static_assert(sizeof(sidecar::Int128) == sizeof(duckdb_hugeint));
static_assert(offsetof(sidecar::Text, data) == offsetof(duckdb_string_t, value.pointer.ptr));

std::optional<TypeId> scalar(duckdb_type type)
{
    switch (type) {
    case DUCKDB_TYPE_SQLNULL: return TypeId::null;
    case DUCKDB_TYPE_BOOLEAN: return TypeId::boolean;
    case DUCKDB_TYPE_TINYINT: return TypeId::int8;
    case DUCKDB_TYPE_SMALLINT: return TypeId::int16;
    case DUCKDB_TYPE_INTEGER: return TypeId::int32;
    case DUCKDB_TYPE_BIGINT: return TypeId::int64;
    case DUCKDB_TYPE_UTINYINT: return TypeId::uint8;
    case DUCKDB_TYPE_USMALLINT: return TypeId::uint16;
    case DUCKDB_TYPE_UINTEGER: return TypeId::uint32;
    case DUCKDB_TYPE_UBIGINT: return TypeId::uint64;
    case DUCKDB_TYPE_HUGEINT: return TypeId::int128;
    case DUCKDB_TYPE_UHUGEINT: return TypeId::uint128;
    case DUCKDB_TYPE_FLOAT: return TypeId::float32;
    case DUCKDB_TYPE_DOUBLE: return TypeId::float64;
    case DUCKDB_TYPE_VARCHAR: return TypeId::text;
    case DUCKDB_TYPE_BLOB: return TypeId::blob;
    case DUCKDB_TYPE_DATE: return TypeId::date;
    case DUCKDB_TYPE_TIME: return TypeId::time;
    case DUCKDB_TYPE_TIMESTAMP_S: return TypeId::timestamp_s;
    case DUCKDB_TYPE_TIMESTAMP_MS: return TypeId::timestamp_ms;
    case DUCKDB_TYPE_TIMESTAMP: return TypeId::timestamp_us;
    case DUCKDB_TYPE_TIMESTAMP_NS: return TypeId::timestamp_ns;
    case DUCKDB_TYPE_TIMESTAMP_TZ: return TypeId::timestamp_tz;
    case DUCKDB_TYPE_UUID: return TypeId::uuid;
    default: return std::nullopt;
    }
}

Type decimal(duckdb_logical_type type)
{
    return {.id = TypeId::decimal,
            .storage = scalar(duckdb_decimal_internal_type(type)).value_or(TypeId::int64),
            .scale = duckdb_decimal_scale(type)};
}

Type enumeration(duckdb_logical_type type)
{
    std::vector<std::string> labels;
    for (std::uint32_t i = 0; i < duckdb_enum_dictionary_size(type); ++i) {
        labels.push_back(take(duckdb_enum_dictionary_value(type, i)));
    }
    return {.id = TypeId::enumeration,
            .storage = scalar(duckdb_enum_internal_type(type)).value_or(TypeId::uint32),
            .labels = std::make_shared<const std::vector<std::string>>(std::move(labels))};
}

/// The types inside a nested type, with their names where they have any.
struct Part {
    std::string name;
    LogicalType type;
};

std::vector<Part> parts_of(duckdb_logical_type type)
{
    std::vector<Part> parts;
    const auto add = [&](std::string name, duckdb_logical_type part) {
        parts.push_back({std::move(name), LogicalType(part)});
    };
    switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_LIST: add("", duckdb_list_type_child_type(type)); break;
    case DUCKDB_TYPE_ARRAY: add("", duckdb_array_type_child_type(type)); break;
    case DUCKDB_TYPE_MAP:
        add("key", duckdb_map_type_key_type(type));
        add("value", duckdb_map_type_value_type(type));
        break;
    case DUCKDB_TYPE_STRUCT:
        for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
            add(take(duckdb_struct_type_child_name(type, i)),
                duckdb_struct_type_child_type(type, i));
        }
        break;
    default: break;
    }
    return parts;
}

std::optional<Type> structure_of(const std::vector<Part>& parts)
{
    Type whole{.id = TypeId::structure};
    for (const Part& part : parts) {
        std::optional<Type> type = table_type(part.type.get());
        if (!type) {
            return std::nullopt;
        }
        whole.fields.push_back(part.name);
        whole.children.push_back(std::move(*type));
    }
    return whole;
}

std::optional<Type> nested(duckdb_logical_type type)
{
    std::optional<Type> parts = structure_of(parts_of(type));
    if (!parts) {
        return std::nullopt;
    }
    switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_STRUCT: return parts;
    case DUCKDB_TYPE_LIST: return Type{.id = TypeId::list, .children = std::move(parts->children)};
    case DUCKDB_TYPE_MAP: return Type{.id = TypeId::map, .children = {std::move(*parts)}};
    case DUCKDB_TYPE_ARRAY:
        return Type{.id = TypeId::array,
                    .size = static_cast<std::uint32_t>(duckdb_array_type_array_size(type)),
                    .children = std::move(parts->children)};
    default: return std::nullopt;
    }
}

std::vector<duckdb_vector> children_of(duckdb_vector vector, const Type& type)
{
    switch (type.id) {
    case TypeId::list:
    case TypeId::map: return {duckdb_list_vector_get_child(vector)};
    case TypeId::array: return {duckdb_array_vector_get_child(vector)};
    case TypeId::structure: {
        std::vector<duckdb_vector> children;
        for (std::size_t i = 0; i < type.children.size(); ++i) {
            children.push_back(duckdb_struct_vector_get_child(vector, i));
        }
        return children;
    }
    default: return {};
    }
}

VectorView view_of(duckdb_vector vector, const Type& type)
{
    VectorView view{duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector), 0, {}};
    const std::vector<duckdb_vector> children = children_of(vector, type);
    if (type.id == TypeId::list || type.id == TypeId::map) {
        view.child_rows = duckdb_list_vector_get_size(vector);
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
        view.children.push_back(view_of(children[i], type.children[i]));
    }
    return view;
}

}  // namespace

std::optional<Type> table_type(duckdb_logical_type type)
{
    const duckdb_type id = duckdb_get_type_id(type);
    switch (id) {
    case DUCKDB_TYPE_DECIMAL: return decimal(type);
    case DUCKDB_TYPE_ENUM: return enumeration(type);
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_STRUCT: return nested(type);
    default: break;
    }
    if (const auto known = scalar(id)) {
        return Type{.id = *known};
    }
    return std::nullopt;
}

std::string known_type_sql(duckdb_logical_type type)
{
    const std::vector<Part> parts = parts_of(type);
    switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_LIST: return known_type_sql(parts[0].type.get()) + "[]";
    case DUCKDB_TYPE_ARRAY:
        return known_type_sql(parts[0].type.get()) + "[" +
               std::to_string(duckdb_array_type_array_size(type)) + "]";
    case DUCKDB_TYPE_MAP:
        return "MAP(" + known_type_sql(parts[0].type.get()) + ", " +
               known_type_sql(parts[1].type.get()) + ")";
    case DUCKDB_TYPE_STRUCT: {
        std::string sql = "STRUCT(";
        for (const Part& part : parts) {
            sql += (sql.size() > 7 ? ", " : "") + sidecar::sql_identifier(part.name) + " " +
                   known_type_sql(part.type.get());
        }
        return sql + ")";
    }
    case DUCKDB_TYPE_DECIMAL:
        return "DECIMAL(" + std::to_string(duckdb_decimal_width(type)) + ", " +
               std::to_string(duckdb_decimal_scale(type)) + ")";
    default: break;
    }
    const auto known = scalar(duckdb_get_type_id(type));
    return std::string(known && *known != TypeId::null ? sidecar::name_of(*known) : "VARCHAR");
}

std::vector<VectorView> views_of(duckdb_data_chunk chunk, const std::vector<Type>& types)
{
    std::vector<VectorView> views;
    for (std::size_t i = 0; i < types.size(); ++i) {
        views.push_back(view_of(duckdb_data_chunk_get_vector(chunk, i), types[i]));
    }
    return views;
}

}  // namespace gatehouse::engine
