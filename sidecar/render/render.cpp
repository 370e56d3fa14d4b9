#include "sidecar/render/render.h"

#include "sidecar/render/formats.h"
#include "sidecar/render/representation.h"
#include "sidecar/render/writer.h"

namespace gatehouse::render {
namespace {

using config::Shape;
using sidecar::Table;

std::string size_of(const Table& table)
{
    return std::to_string(table.rows()) + " rows of " + std::to_string(table.columns().size()) +
           " columns";
}

Result<void> check_shape(const Table& table, Shape shape)
{
    const std::size_t columns = table.columns().size();
    if (shape == Shape::object && table.rows() != 1) {
        return Error{"shape \"object\" needs exactly one row, the result has " + size_of(table)};
    }
    if (shape == Shape::value && (table.rows() != 1 || columns != 1)) {
        return Error{"shape \"value\" needs one row of one column, the result has " +
                     size_of(table)};
    }
    if (shape == Shape::series && columns < 2) {
        return Error{
            "shape \"series\" needs a column of times and one of values or more, the "
            "result has " +
            size_of(table)};
    }
    return {};
}

void write_shape(Writer& to, const Table& table, Shape shape)
{
    switch (shape) {
    case Shape::records: write_records(to, table); break;
    case Shape::columns: write_columns(to, table); break;
    case Shape::series: write_series(to, table); break;
    case Shape::object: write_object(to, table); break;
    case Shape::value: write_value(to, table); break;
    }
}

void write_format(Writer& to, const Table& table, Format format, Shape shape)
{
    switch (format) {
    case Format::json: write_shape(to, table, shape); break;
    case Format::columns: write_columns(to, table); break;
    case Format::csv: write_csv(to, table); break;
    case Format::ndjson: write_ndjson(to, table); break;
    }
}

}  // namespace

std::string_view content_type(Format format) noexcept
{
    switch (format) {
    case Format::csv: return "text/csv; charset=utf-8; header=present";
    case Format::ndjson: return "application/x-ndjson";
    default: return "application/json";
    }
}

Result<std::string> render(const Table& table, Format format, Shape shape, std::uint64_t body_limit)
{
    if (Result<void> fits = check_shape(table, shape); !fits) {
        return fits.error();
    }
    Writer to(body_limit);
    write_format(to, table, format, shape);
    if (std::string body = to.finish(); !to.over_limit()) {
        return body;
    }
    return Error{"format \"" + std::string(name_of(format)) + "\" would take more than the " +
                 std::to_string(body_limit >> 20) + " MiB a body may have (" + size_of(table) +
                 "); aggregate, downsample, or leave the format out of \"formats\""};
}

}  // namespace gatehouse::render
