#include "sidecar/sources/csv_guess.h"

#include <algorithm>
#include <optional>

#include "sidecar/base/relation.h"
#include "sidecar/base/sql_text.h"

namespace gatehouse::sources {
namespace {

using sidecar::Column;
using sidecar::sql_identifier;
using sidecar::sql_literal;
using sidecar::TypeId;

struct Guess {
    std::string_view meaning, safe_type;

    /// The expression that converts the column, which is read as text; `before` and `after` go
    /// round the value in an error.
    std::string (*checked)(const std::string& column, const std::string& before,
                           const std::string& after);
};

std::string whole_number(const std::string& column, const std::string& before,
                         const std::string& after)
{
    return std::string(sidecar::whole_number_function) + "(" + column + ", " + before + ", " +
           after + ")";
}

std::string date(const std::string& column, const std::string& before, const std::string& after)
{
    const std::string error = "error(" + before + " || " + column + " || " + after + ")";
    return "CASE WHEN " + column + " IS NULL THEN NULL WHEN contains(" + column + ", ':') THEN " +
           error + " ELSE coalesce(TRY_CAST(" + column + " AS DATE), " + error + ") END";
}

std::optional<Guess> guess_of(TypeId id)
{
    switch (id) {
    case TypeId::int64: return Guess{"whole numbers", "DOUBLE", whole_number};
    case TypeId::date: return Guess{"dates", "TIMESTAMP", date};
    default: return std::nullopt;
    }
}

bool is_stated(const config::Source& source, const std::string& column)
{
    return std::any_of(source.types.begin(), source.types.end(),
                       [&](const auto& type) { return type.first == column; });
}

std::string checked(const config::Source& source, const std::string& column, const Guess& guess)
{
    const std::string before = "source \"" + source.name + "\": column \"" + column + "\" holds " +
                               std::string(guess.meaning) + " in its first rows, but later \"";
    const std::string after = "\"; state its type, as in \"types\": {\"" + column + "\": \"" +
                              std::string(guess.safe_type) + "\"}";
    const std::string name = sql_identifier(column);
    return guess.checked(name, sql_literal(before), sql_literal(after)) + " AS " + name;
}

std::string confirmed(const config::Source& source, Call call, std::span<const Column> columns)
{
    auto types = source.types;
    std::string replacements;
    for (const Column& column : columns) {
        const auto guess = guess_of(column.type.id);
        if (guess && !is_stated(source, column.name)) {
            types.emplace_back(column.name, "VARCHAR");
            replacements +=
                (replacements.empty() ? "" : ", ") + checked(source, column.name, *guess);
        }
    }
    if (replacements.empty()) {
        return {};
    }
    return "(SELECT * REPLACE (" + replacements + ") FROM " + call.columns("types", types).sql() +
           ")";
}

}  // namespace

std::function<std::string(std::span<const Column>)> confirmation(const config::Source& source,
                                                                 const Call& call)
{
    return [source, call](std::span<const Column> columns) {
        return confirmed(source, call, columns);
    };
}

}  // namespace gatehouse::sources
