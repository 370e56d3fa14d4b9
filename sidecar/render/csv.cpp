// The CSV format.
#include <vector>

#include "sidecar/render/cell.h"
#include "sidecar/render/formats.h"
#include "sidecar/render/string_text.h"

namespace gatehouse::render {
namespace {

using sidecar::Table;

constexpr std::string_view line_end = "\r\n";

void write_header(Writer& to, const Table& table)
{
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
        if (i > 0) {
            to.put(',');
        }
        write_csv_string(to, table.columns()[i].name);
    }
    to.put(line_end);
}

}  // namespace

void write_csv(Writer& to, const Table& table)
{
    std::vector<CellWriter> columns;
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
        columns.emplace_back(table.vector(i), table.columns()[i].type);
    }
    write_header(to, table);
    for (std::uint64_t i = 0; i < table.rows() && !to.over_limit(); ++i) {
        for (std::size_t column = 0; column < columns.size(); ++column) {
            if (column > 0) {
                to.put(',');
            }
            columns[column].csv(to, table.position(i));
        }
        to.put(line_end);
    }
}

}  // namespace gatehouse::render
