#include "sidecar/sources/csv_guess.h"

#include <algorithm>
#include <optional>

#include "sidecar/base/sql_text.h"

namespace gatehouse::sources {
namespace {

using sidecar::Column;
using sidecar::sql_identifier;
using sidecar::sql_literal;
using sidecar::TypeId;

struct Guess {
    std::string_view type;
    std::string_view losing;    ///< characters whose presence means that converting would lose something
    std::string_view meaning;
    std::string_view safe_type;
};

std::optional<Guess> guess_of(TypeId id)
{
    switch (id) {
    case TypeId::int64: return Guess{"BIGINT", ".,eE", "whole numbers", "DOUBLE"};
    case TypeId::date: return Guess{"DATE", ":", "dates", "TIMESTAMP"};
    default: return std::nullopt;
    }
}

bool is_stated(const config::Source& source, const std::string& column)
{
    return std::any_of(source.types.begin(), source.types.end(),
                       [&](const auto& type) { return type.first == column; });
}

/// `error('…' || value)`
std::string complaint(const config::Source& source, const std::string& column, const Guess& guess)
{
    const std::string before = "source \"" + source.name + "\": column \"" + column +
                               "\" holds " + std::string(guess.meaning) +
                               " in its first rows, but later \"";
    const std::string after = "\"; state its type, as in \"types\": {\"" + column + "\": \"" +
                              std::string(guess.safe_type) + "\"}";
    return "error(" + sql_literal(before) + " || " + sql_identifier(column) + " || " +
           sql_literal(after) + ")";
}

std::string checked(const config::Source& source, const std::string& column, const Guess& guess)
{
    const std::string name = sql_identifier(column);
    std::string loses;
    for (const char c : guess.losing) {
        loses += (loses.empty() ? "contains(" : " OR contains(") + name + ", " +
                 sql_literal({&c, 1}) + ")";
    }
    const std::string error = complaint(source, column, guess);
    return "CASE WHEN " + name + " IS NULL THEN NULL WHEN " + loses + " THEN " + error +
           " ELSE coalesce(TRY_CAST(" + name + " AS " + std::string(guess.type) + "), " + error +
           ") END AS " + name;
}

std::string confirmed(const config::Source& source, Call call, std::span<const Column> columns)
{
    auto types = source.types;
    std::string replacements;
    for (const Column& column : columns) {
        const auto guess = guess_of(column.type.id);
        if (guess && !is_stated(source, column.name)) {
            types.emplace_back(column.name, "VARCHAR");
            replacements += (replacements.empty() ? "" : ", ") + checked(source, column.name, *guess);
        }
    }
    if (replacements.empty()) {
        return {};
    }
    return "(SELECT * REPLACE (" + replacements + ") FROM " + call.columns("types", types).sql() + ")";
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
