#include "sidecar/databases/own_relation.h"

#include <set>
#include <vector>

#include "sidecar/base/sql_text.h"
#include "sidecar/databases/source_names.h"

namespace gatehouse::databases {
namespace {

std::size_t end_of(const sidecar::SqlPiece& piece, const std::string& sql)
{
    return static_cast<std::size_t>(piece.text.data() + piece.text.size() - sql.data());
}

}  // namespace

std::string quoted_table(const std::string& name)
{
    const auto dot = name.find('.');
    return dot == name.npos ? sidecar::sql_identifier(name)
                            : sidecar::sql_identifier(name.substr(0, dot)) + "." +
                                  sidecar::sql_identifier(name.substr(dot + 1));
}

std::optional<std::string> own_query(const config::Source& source)
{
    if (!source.database.query.empty()) {
        return std::string(sidecar::without_end(source.database.query));
    }
    if (!source.database.table.empty()) {
        return "SELECT * FROM " + quoted_table(source.database.table);
    }
    return std::nullopt;
}

std::string with_own_relation(const std::string& sql, const config::Source& source)
{
    const auto query = own_query(source);
    const SqlTokens tokens = sql_tokens(sql);
    if (!query || names_of_source(tokens, source.name).empty()) {
        return sql;
    }
    const std::string definition = sidecar::sql_identifier(source.name) + " AS (" + *query + "\n)";
    if (!is_called(tokens[0], "with")) {
        return "WITH " + definition + " " + sql;
    }
    const bool recursive = tokens.size() > 1 && is_called(tokens[1], "recursive");
    return (recursive ? "WITH RECURSIVE " : "WITH ") + definition + ", " +
           sql.substr(end_of(tokens[recursive ? 1 : 0], sql));
}

Result<std::vector<std::string>> tables_named(const std::string& sql, const config::Source& source)
{
    const SqlTokens tokens = sql_tokens(sql);
    const bool has_own = own_query(source).has_value();
    std::set<std::string> found;
    for (const SourceName& name : names_of_source(tokens, source.name)) {
        if (has_own) {
            found.insert("");
        } else if (name.is_table && name.parts == 2) {
            found.insert(sidecar::name_in(tokens[name.first + 2]));
        } else if (name.is_table && name.parts > 2) {
            return Error{
                "a card that has other sources, too, cannot name a table with its schema; "
                "give the source that as its \"table\""};
        }
    }
    return std::vector<std::string>{found.begin(), found.end()};
}

std::string without_source_name(const std::string& sql, const std::string& source)
{
    const SqlTokens tokens = sql_tokens(sql);
    std::string out;
    std::size_t copied = 0;
    for (const SourceName& name : names_of_source(tokens, source)) {
        // Of two parts in another place, the first is a table that is called as the source.
        if (name.parts > 2 || (name.is_table && name.parts == 2)) {
            const sidecar::SqlPiece& first = tokens[name.first];
            const std::size_t start = end_of(first, sql) - first.text.size();
            out += sql.substr(copied, start - copied);
            copied = end_of(tokens[name.first + 1], sql);
        }
    }
    return out + sql.substr(copied);
}

}  // namespace gatehouse::databases
