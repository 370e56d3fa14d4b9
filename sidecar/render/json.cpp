// The JSON formats.
#include <limits>
#include <string>
#include <vector>

#include "sidecar/render/cell.h"
#include "sidecar/render/formats.h"
#include "sidecar/render/string_text.h"

namespace gatehouse::render {
namespace {

using sidecar::Table;

/// A column ready to be written: its name as JSON text and its cells.
struct Field {
    std::string key;
    CellWriter cells;
};

std::string json_text(std::string_view text)
{
    Writer to(std::numeric_limits<std::uint64_t>::max());
    write_json_string(to, text);
    return std::move(to).finish();
}

std::vector<Field> fields_of(const Table& table)
{
    std::vector<Field> fields;
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
        const sidecar::Column& column = table.columns()[i];
        fields.push_back({json_text(column.name), CellWriter(table.vector(i), column.type)});
    }
    return fields;
}

/// The fields of one record with the punctuation before each: `{"a":`, `,"b":`.
std::vector<Field> record_fields(const Table& table)
{
    std::vector<Field> fields = fields_of(table);
    for (Field& field : fields) {
        const char before = &field == &fields.front() ? '{' : ',';
        field.key = before + field.key + ':';
    }
    return fields;
}

void write_record(Writer& to, const std::vector<Field>& fields, std::uint64_t position)
{
    for (const Field& field : fields) {
        to.put(field.key);
        field.cells.json(to, position);
    }
    to.put('}');
}

}  // namespace

void write_records(Writer& to, const Table& table)
{
    const std::vector<Field> fields = record_fields(table);
    to.put('[');
    for (std::uint64_t i = 0; i < table.rows() && !to.over_limit(); ++i) {
        if (i > 0) {
            to.put(',');
        }
        write_record(to, fields, table.position(i));
    }
    to.put(']');
}

void write_ndjson(Writer& to, const Table& table)
{
    const std::vector<Field> fields = record_fields(table);
    for (std::uint64_t i = 0; i < table.rows() && !to.over_limit(); ++i) {
        write_record(to, fields, table.position(i));
        to.put('\n');
    }
}

void write_columns(Writer& to, const Table& table)
{
    char before = '{';
    for (const Field& field : fields_of(table)) {
        to.put(before);
        to.put(field.key);
        to.put(":[");
        for (std::uint64_t i = 0; i < table.rows() && !to.over_limit(); ++i) {
            if (i > 0) {
                to.put(',');
            }
            field.cells.json(to, table.position(i));
        }
        to.put(']');
        before = ',';
    }
    to.put('}');
}

void write_series(Writer& to, const Table& table)
{
    const std::vector<Field> fields = fields_of(table);
    to.put('{');
    for (std::size_t column = 1; column < fields.size(); ++column) {
        if (column > 1) {
            to.put(',');
        }
        to.put(fields[column].key);
        to.put(":[");
        for (std::uint64_t i = 0; i < table.rows() && !to.over_limit(); ++i) {
            to.put(i > 0 ? ",{\"time\":" : "{\"time\":");
            fields[0].cells.json(to, table.position(i));
            to.put(",\"value\":");
            fields[column].cells.json(to, table.position(i));
            to.put('}');
        }
        to.put(']');
    }
    to.put('}');
}

void write_object(Writer& to, const Table& table)
{
    write_record(to, record_fields(table), table.position(0));
}

void write_value(Writer& to, const Table& table)
{
    fields_of(table)[0].cells.json(to, table.position(0));
}

}  // namespace gatehouse::render
