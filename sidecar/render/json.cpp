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

/// So many rows tell how large all of them will be.
constexpr std::uint64_t sampled_rows = 100;

/// A column ready to be written: its name as JSON text, or what stands before its value, and its
/// cells.
struct Field {
    Prefix key;
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
        fields.push_back(
            {Prefix(json_text(column.name)), CellWriter(table.vector(i), column.type)});
    }
    return fields;
}

/// The fields of one record with the punctuation before each: `{"a":`, `,"b":`.
std::vector<Field> record_fields(const Table& table)
{
    std::vector<Field> fields = fields_of(table);
    for (Field& field : fields) {
        const char before = &field == &fields.front() ? '{' : ',';
        field.key = Prefix(before + std::string(field.key.view()) + ':');
    }
    return fields;
}

void write_record(Writer& to, const std::vector<Field>& fields, std::uint64_t position)
{
    for (const Field& field : fields) {
        field.cells.json(to, field.key, position);
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
        if (i == sampled_rows) {
            to.expect(table.rows() / sampled_rows + 1);
        }
        write_record(to, fields, table.position(i));
    }
    to.put(']');
}

void write_ndjson(Writer& to, const Table& table)
{
    const std::vector<Field> fields = record_fields(table);
    for (std::uint64_t i = 0; i < table.rows() && !to.over_limit(); ++i) {
        if (i == sampled_rows) {
            to.expect(table.rows() / sampled_rows + 1);
        }
        write_record(to, fields, table.position(i));
        to.put('\n');
    }
}

void write_columns(Writer& to, const Table& table)
{
    const Prefix comma(",");
    char before = '{';
    for (const Field& field : fields_of(table)) {
        to.put(before);
        to.put(field.key);
        to.put(":[");
        if (table.rows() > 0) {
            field.cells.json(to, table.position(0));
        }
        for (std::uint64_t i = 1; i < table.rows() && !to.over_limit(); ++i) {
            if (i == sampled_rows && before == '{') {
                to.expect((table.rows() / sampled_rows + 1) * table.columns().size());
            }
            field.cells.json(to, comma, table.position(i));
        }
        to.put(']');
        before = ',';
    }
    to.put('}');
}

void write_series(Writer& to, const Table& table)
{
    const std::vector<Field> fields = fields_of(table);
    const Prefix time("{\"time\":"), next_time(",{\"time\":"), value(",\"value\":");
    to.put('{');
    for (std::size_t column = 1; column < fields.size(); ++column) {
        if (column > 1) {
            to.put(',');
        }
        to.put(fields[column].key);
        to.put(":[");
        for (std::uint64_t i = 0; i < table.rows() && !to.over_limit(); ++i) {
            fields[0].cells.json(to, i > 0 ? next_time : time, table.position(i));
            fields[column].cells.json(to, value, table.position(i));
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
