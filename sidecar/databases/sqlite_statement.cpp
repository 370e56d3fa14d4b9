#include "sidecar/databases/sqlite_statement.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sidecar/base/sql_text.h"

namespace gatehouse::databases {
namespace {

using sidecar::Argument;

struct Binder {
    sqlite3_stmt* statement;
    int index;

    void operator()(std::monostate) const { sqlite3_bind_null(statement, index); }
    void operator()(bool value) const { sqlite3_bind_int(statement, index, value ? 1 : 0); }
    void operator()(std::int64_t value) const { sqlite3_bind_int64(statement, index, value); }
    void operator()(double value) const { sqlite3_bind_double(statement, index, value); }
    void operator()(const std::string& value) const
    {
        sqlite3_bind_text64(statement, index, value.data(), value.size(), SQLITE_STATIC,
                            SQLITE_UTF8);
    }
};

std::string text_or_empty(const char* text)
{
    return text != nullptr ? text : "";
}

std::string_view bytes_of(sqlite3_stmt* statement, int column)
{
    // In this order: asking for the bytes may move them.
    const void* bytes = sqlite3_column_blob(statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return {static_cast<const char*>(bytes), size};
}

}  // namespace

Result<void> bind(sqlite3_stmt* statement, const sidecar::Arguments& arguments)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
        const std::string name = text_or_empty(sqlite3_bind_parameter_name(statement, i));
        if (!name.starts_with('$')) {
            return Error{
                "the SQL has a parameter without a name; write $ and a name from the "
                "card's \"params\""};
        }
        const auto argument =
            std::find_if(arguments.begin(), arguments.end(),
                         [&](const Argument& a) { return a.name == name.substr(1); });
        if (argument == arguments.end()) {
            return sidecar::no_argument(name.substr(1));
        }
        std::visit(Binder{statement, i}, argument->value);
    }
    return {};
}

Result<std::vector<SqliteColumn>> columns_of(sqlite3_stmt* statement)
{
    std::vector<SqliteColumn> columns;
    std::set<std::string> seen;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        std::string name = text_or_empty(sqlite3_column_name(statement, i));
        if (!seen.insert(name).second) {
            return Error{"the SQL yields two columns called " + sidecar::sql_identifier(name) +
                         "; rename one with AS"};
        }
        columns.emplace_back(text_or_empty(sqlite3_column_decltype(statement, i)));
    }
    return columns;
}

void append_row(sqlite3_stmt* statement, std::vector<SqliteColumn>& columns)
{
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const int column = static_cast<int>(i);
        switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER: columns[i].integer(sqlite3_column_int64(statement, column)); break;
        case SQLITE_FLOAT: columns[i].real(sqlite3_column_double(statement, column)); break;
        case SQLITE_TEXT: columns[i].text(bytes_of(statement, column)); break;
        case SQLITE_BLOB: columns[i].blob(bytes_of(statement, column)); break;
        default: columns[i].null();
        }
    }
}

sidecar::Table table_of(sqlite3_stmt* statement, std::vector<SqliteColumn> columns,
                        std::uint64_t rows)
{
    std::vector<sidecar::Column> named;
    std::vector<sidecar::Vector> vectors;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        named.push_back({text_or_empty(sqlite3_column_name(statement, static_cast<int>(i))),
                         columns[i].type()});
        vectors.push_back(std::move(columns[i]).finish(named.back().type));
    }
    return {std::move(named), std::move(vectors), rows};
}

}  // namespace gatehouse::databases
