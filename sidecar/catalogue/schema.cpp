// The JSON Schema of an answer: answer_schema. The forms of values are those of sidecar/render/.
#include "sidecar/base/json_writer.h"
#include "sidecar/catalogue/openapi.h"

namespace gatehouse::catalogue {

namespace {

using config::Shape;
using sidecar::Column;
using sidecar::JsonWriter;
using sidecar::Type;
using sidecar::TypeId;

/// A type's names in JSON Schema: `type`, and `format` where there is one.
struct Names {
    const char* type = nullptr;
    const char* format = nullptr;
};

Names names_of(const Type& type)
{
    switch (type.id) {
    case TypeId::boolean: return {"boolean"};
    case TypeId::int8:
    case TypeId::int16:
    case TypeId::uint8:
    case TypeId::uint16:
    case TypeId::int32: return {"integer", "int32"};
    case TypeId::uint32:
    case TypeId::int64:
    case TypeId::uint64: return {"integer", "int64"};
    case TypeId::int128:
    case TypeId::uint128: return {"integer"};
    case TypeId::float32:
    case TypeId::float64: return {"number", "double"};
    case TypeId::decimal: return {"number"};
    case TypeId::date: return {"string", "date"};
    case TypeId::time: return {"string"};
    case TypeId::timestamp_s:
    case TypeId::timestamp_ms:
    case TypeId::timestamp_us:
    case TypeId::timestamp_ns: return {"string"};
    case TypeId::timestamp_tz: return {"string", "date-time"};
    case TypeId::uuid: return {"string", "uuid"};
    case TypeId::text:
    case TypeId::blob:
    case TypeId::enumeration: return {"string"};
    default: return {};
    }
}

void write_value(JsonWriter& json, const Type& type);

void write_fields(JsonWriter& json, const Type& type)
{
    json.open_object().member("type", "object").key("properties").open_object();
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
        write_value(json.key(type.fields[i]), type.children[i]);
    }
    json.close_object().close_object();
}

/// Every value may be null: SQL's columns may.
void write_value(JsonWriter& json, const Type& type)
{
    if (type.id == TypeId::list || type.id == TypeId::array) {
        json.open_object().member("type", "array").key("items");
        write_value(json, type.children[0]);
        json.close_object();
        return;
    }
    if (type.id == TypeId::structure) {
        return write_fields(json, type);
    }
    const Names names = names_of(type);
    json.open_object();
    if (names.type != nullptr) {
        json.key("type").open_array().value(names.type).value("null").close_array();
    }
    if (names.format != nullptr) {
        json.member("format", names.format);
    }
    json.close_object();
}

void write_list(JsonWriter& json, const Type& type)
{
    json.open_object().member("type", "array").key("items");
    write_value(json, type);
    json.close_object();
}

void write_row(JsonWriter& json, const std::vector<Column>& columns)
{
    json.open_object().member("type", "object").key("properties").open_object();
    for (const Column& column : columns) {
        write_value(json.key(column.name), column.type);
    }
    json.close_object().key("required").open_array();
    for (const Column& column : columns) {
        json.value(column.name);
    }
    json.close_array().close_object();
}

/// An object that has, for each column from the `first` on, what `write_member` says.
template <class Write>
void write_by_column(JsonWriter& json, const std::vector<Column>& columns, std::size_t first,
                     const Write& write_member)
{
    json.open_object().member("type", "object").key("properties").open_object();
    for (std::size_t i = first; i < columns.size(); ++i) {
        json.key(columns[i].name);
        write_member(columns[i].type);
    }
    json.close_object().close_object();
}

void write_series(JsonWriter& json, const std::vector<Column>& columns)
{
    write_by_column(json, columns, 1, [&](const Type& type) {
        json.open_object().member("type", "array").key("items").open_object();
        json.member("type", "object").key("properties").open_object();
        write_value(json.key("time"), columns[0].type);
        write_value(json.key("value"), type);
        json.close_object().close_object().close_object();
    });
}

}  // namespace

std::string answer_schema(const DescribedCard& described)
{
    if (!described.columns || described.columns->empty()) {
        return "{}";
    }
    const auto& columns = *described.columns;
    JsonWriter json;
    switch (described.card->shape) {
    case Shape::records:
        json.open_object().member("type", "array").key("items");
        write_row(json, columns);
        json.close_object();
        break;
    case Shape::columns:
        write_by_column(json, columns, 0, [&](const Type& type) { write_list(json, type); });
        break;
    case Shape::series: write_series(json, columns); break;
    case Shape::object: write_row(json, columns); break;
    case Shape::value: write_value(json, columns[0].type); break;
    }
    return json.take();
}

}  // namespace gatehouse::catalogue
