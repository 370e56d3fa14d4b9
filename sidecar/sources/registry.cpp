#include <array>

#include "sidecar/sources/kind.h"

namespace gatehouse::sources {
namespace {

using sidecar::sql_literal;

/// In the order documents list them.
constexpr std::array<const Kind*, 3> registry{&csv, &parquet, &json};

const Kind* find(std::string_view name)
{
    for (const Kind* kind : registry) {
        if (kind->name == name) {
            return kind;
        }
    }
    return nullptr;
}

}  // namespace

Call::Call(std::string_view function, const Fingerprint& files) : sql_(function)
{
    sql_ += "([";
    const char* separator = "";
    for (const FileStamp& file : files.files) {
        sql_ += separator + sql_literal(file.path);
        separator = ", ";
    }
    sql_ += ']';
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

Result<sidecar::Relation> relation(const config::Source& source, const Fingerprint& files)
{
    const Kind* kind = find(source.kind);
    if (kind == nullptr) {
        return Error{"kind \"" + source.kind + "\" is not known"};
    }
    Result<std::string> sql = kind->call(source, files);
    if (!sql) {
        return sql.error();
    }
    sidecar::Relation relation{source.name, std::move(*sql), {}};
    for (const FileStamp& file : files.files) {
        relation.files.push_back(file.path);
    }
    return relation;
}

std::optional<std::string> diagnose(const config::Source& source, const Fingerprint& files)
{
    const Kind* kind = find(source.kind);
    return kind != nullptr && kind->diagnose != nullptr ? kind->diagnose(source, files)
                                                        : std::nullopt;
}

std::vector<std::string_view> kinds()
{
    std::vector<std::string_view> names;
    for (const Kind* kind : registry) {
        names.push_back(kind->name);
    }
    return names;
}

}  // namespace gatehouse::sources
