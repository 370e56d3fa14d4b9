#include "sidecar/sources/csv_pieces.h"

#include <algorithm>

#include "sidecar/sources/csv_call.h"
#include "sidecar/sources/csv_guess.h"

namespace gatehouse::sources {

std::vector<Record> records_of(std::string_view text, Dialect dialect)
{
    std::vector<Record> all;
    CsvRecords records(text, dialect);
    for (std::size_t from = 0; records.next() && records.ended(); from = records.end()) {
        all.push_back({text.substr(from, records.end() - from), records.line()});
    }
    return all;
}

WholeRecords whole_records(std::string_view text, Dialect dialect, std::uint64_t skip)
{
    const std::size_t before = text.size() - without_lines(text, skip).size();
    std::size_t bytes = text.rfind('\n') + 1;  // npos + 1 is 0
    // Without quotes every line is a record; this is ten times as fast.
    if (text.find(dialect.quote, before) != text.npos) {
        CsvRecords records(text.substr(before), dialect);
        for (bytes = before; records.next() && records.ended();) {
            bytes = before + records.end();
        }
    }
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(bytes);
    return {bytes, static_cast<std::uint64_t>(std::count(text.begin(), end, '\n'))};
}

std::string formats_sql(const config::Source& source, const std::string& path, Dialect dialect)
{
    Call sniff = csv_call(source, Call("sniff_csv", path), dialect);
    sniff.option("sample_size", "-1");
    return "SELECT coalesce(DateFormat, ''), coalesce(TimestampFormat, '') FROM " + sniff.sql();
}

std::string later_piece(const config::Source& source, const std::string& path, const CsvForm& form)
{
    config::Source rest = source;
    rest.csv.header = false;
    rest.csv.skip = 0;
    if (!form.dateformat.empty()) {
        rest.csv.dateformat = form.dateformat;
    }
    if (!form.timestampformat.empty()) {
        rest.csv.timestampformat = form.timestampformat;
    }
    std::vector<std::pair<std::string, std::string>> columns;
    for (const auto& column : form.columns) {
        columns.emplace_back(column.name, column.type);
    }
    Call call = csv_call(rest, Call("read_csv", path), form.dialect);
    call.flag("auto_detect", false);
    return confirmed(rest, std::move(call), std::move(columns));
}

}  // namespace gatehouse::sources
