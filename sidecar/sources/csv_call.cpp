#include "sidecar/sources/csv_call.h"

#include <optional>
#include <string>

namespace gatehouse::sources {
namespace {

/// DuckDB reads in pieces of this size, several at a time: a quarter of its own choice, for as
/// little time.
constexpr std::uint64_t buffer_bytes = 8 << 20;

char character(const std::optional<std::string>& option, char otherwise) noexcept
{
    return option ? (option->empty() ? '\0' : option->front()) : otherwise;
}

/// An empty field is NULL, whatever else is.
std::string null_strings(const config::Source& source)
{
    std::string list = "[''";
    for (const std::string& text : source.csv.null_strings) {
        list += ", " + sidecar::sql_literal(text);
    }
    return list + "]";
}

void add_formats(Call& read, const config::CsvOptions& csv)
{
    if (csv.decimal) {
        read.text("decimal_separator", *csv.decimal);
    }
    if (csv.dateformat) {
        read.text("dateformat", *csv.dateformat);
    }
    if (csv.timestampformat) {
        read.text("timestampformat", *csv.timestampformat);
    }
    if (csv.encoding) {
        read.text("encoding", *csv.encoding);
    }
}

std::string text_of(const std::optional<std::string>& option, char otherwise)
{
    return option.value_or(otherwise == '\0' ? std::string() : std::string(1, otherwise));
}

}  // namespace

Dialect dialect_of(const config::Source& source, std::string_view head)
{
    const char quote = character(source.csv.quote, '"');
    const char delimiter = guess_delimiter(without_lines(head, source.csv.skip.value_or(0)), quote);
    return {character(source.csv.delimiter, delimiter), quote, character(source.csv.escape, quote)};
}

Call csv_call(const config::Source& source, Call call, Dialect dialect)
{
    const config::CsvOptions& csv = source.csv;
    call.text("delim", text_of(csv.delimiter, dialect.delimiter))
        .text("quote", text_of(csv.quote, dialect.quote))
        .text("escape", text_of(csv.escape, dialect.escape))
        .text("comment", "")
        .flag("header", csv.header.value_or(true))
        .option("skip", std::to_string(csv.skip.value_or(0)))
        .option("nullstr", null_strings(source))
        .flag("ignore_errors", csv.ignore_errors.value_or(false))
        .flag("union_by_name", source.union_by_name.value_or(false))
        .flag("filename", source.filename.value_or(false))
        .partitions(source)
        .option("buffer_size", std::to_string(buffer_bytes))
        .option("max_line_size", std::to_string(longest_line));
    add_formats(call, csv);
    return call;
}

}  // namespace gatehouse::sources
