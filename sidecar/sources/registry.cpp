#include <array>

#include "sidecar/sources/glob.h"
#include "sidecar/sources/kind.h"

namespace gatehouse::sources {
namespace {

using sidecar::sql_literal;

/// In the order documents list them.
constexpr std::array<const Kind*, 5> registry{&csv, &parquet, &json, &http, &dataset};

const Kind* find(std::string_view name)
{
    for (const Kind* kind : registry) {
        if (kind->name == name) {
            return kind;
        }
    }
    return nullptr;
}

/// A pattern that matches this name only: a file may be called `a[1].csv`.
std::string without_wildcards(std::string_view path)
{
    std::string pattern;
    for (const char c : path) {
        pattern += c == '*' || c == '?' || c == '[' ? std::string{'[', c, ']'} : std::string(1, c);
    }
    return pattern;
}

}  // namespace

Call::Call(std::string_view function, const Fingerprint& files) : sql_(function)
{
    sql_ += "([";
    const char* separator = "";
    for (const FileStamp& file : files.files) {
        sql_ += separator + sql_literal(without_wildcards(file.path));
        separator = ", ";
    }
    sql_ += ']';
}

Call::Call(std::string_view function, const std::string& path)
    : sql_(std::string(function) + '(' + sql_literal(without_wildcards(path)))
{
}

Call& Call::option(std::string_view name, std::string_view value)
{
    sql_.append(", ").append(name).append("=").append(value);
    return *this;
}

Call& Call::text(std::string_view name, std::string_view value)
{
    return option(name, sql_literal(value));
}

Call& Call::flag(std::string_view name, bool value)
{
    return option(name, value ? "true" : "false");
}

Call& Call::columns(std::string_view name,
                    const std::vector<std::pair<std::string, std::string>>& columns)
{
    if (columns.empty()) {
        return *this;
    }
    std::string map = "{";
    for (const auto& [column, type] : columns) {
        map += (map.size() > 1 ? ", " : "") + sql_literal(column) + ": " + sql_literal(type);
    }
    return option(name, map + "}");
}

/// Where it is not said, a directory called a=1 is a directory, not a column.
Call& Call::partitions(const config::Source& source)
{
    return flag("hive_partitioning", source.hive_partitioning.value_or(false))
        .columns("hive_types", source.hive_types);
}

std::vector<std::string> names_for_engine(const Fingerprint& files)
{
    std::vector<std::string> names;
    for (const FileStamp& file : files.files) {
        names.push_back(file.path);
        // DuckDB checks what it is given before it looks the name up.
        if (is_pattern(file.path)) {
            names.push_back(without_wildcards(file.path));
        }
    }
    return names;
}

Result<sidecar::Relation> relation(const config::Source& source, const Fingerprint& files)
{
    const Kind* kind = find(source.kind);
    if (kind == nullptr) {
        return Error{"kind \"" + source.kind + "\" is not known"};
    }
    Result<sidecar::Relation> relation = kind->relation(source, files);
    if (!relation) {
        return relation;
    }
    relation->name = source.name;
    relation->files = names_for_engine(files);
    return relation;
}

Result<Fingerprint> fingerprint(const config::Source& source)
{
    const Kind* kind = find(source.kind);
    return kind != nullptr && kind->fingerprint != nullptr ? kind->fingerprint(source)
                                                           : fingerprint_of_files(source);
}

bool shows_in_files(const config::Source& source)
{
    const Kind* kind = find(source.kind);
    return kind != nullptr && kind->fingerprint == nullptr && !source.runs;
}

std::optional<std::string> diagnose(const config::Source& source, const Fingerprint& files)
{
    const Kind* kind = find(source.kind);
    return kind != nullptr && kind->diagnose != nullptr ? kind->diagnose(source, files)
                                                        : std::nullopt;
}

}  // namespace gatehouse::sources
