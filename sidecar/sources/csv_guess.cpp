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

/// Has a guessed column be read as text, and converted with care.
class Confirmation {
public:
    explicit Confirmation(const config::Source& source) : source_(source) {}

    /// Whether it is such a column. A date of a stated format is read as that or not at all.
    bool takes(const std::string& column, TypeId type)
    {
        const bool is_exact = is_stated(source_, column) || !source_.columns.empty() ||
                              source_.csv.ignore_errors.value_or(false) ||
                              (type == TypeId::date && source_.csv.dateformat);
        const auto guess = is_exact ? std::nullopt : guess_of(type);
        if (guess) {
            replacements_ += (replacements_.empty() ? "" : ", ") + checked(source_, column, *guess);
        }
        return guess.has_value();
    }

    bool empty() const noexcept { return replacements_.empty(); }

    std::string sql(const std::string& read) const
    {
        return empty() ? read : "(SELECT * REPLACE (" + replacements_ + ") FROM " + read + ")";
    }

private:
    const config::Source& source_;
    std::string replacements_;
};

std::string confirmed_types(const config::Source& source, Call call,
                            const std::set<std::string>& not_in_files,
                            std::span<const Column> columns)
{
    auto types = source.types;
    Confirmation confirmation{source};
    for (const Column& column : columns) {
        if (!not_in_files.contains(column.name) &&
            confirmation.takes(column.name, column.type.id)) {
            types.emplace_back(column.name, "VARCHAR");
        }
    }
    return confirmation.empty() ? "" : confirmation.sql(call.columns("types", types).sql());
}

/// Of the types that are guessed.
TypeId id_of(const std::string& type)
{
    return type == "BIGINT" ? TypeId::int64 : type == "DATE" ? TypeId::date : TypeId::text;
}

}  // namespace

std::function<std::string(std::span<const Column>)> confirmation(
    const config::Source& source, const Call& call, const std::set<std::string>& not_in_files)
{
    return [source, call, not_in_files](std::span<const Column> columns) {
        return confirmed_types(source, call, not_in_files, columns);
    };
}

std::string confirmed(const config::Source& source, Call call, SqlColumns columns)
{
    Confirmation confirmation{source};
    for (auto& [name, type] : columns) {
        if (confirmation.takes(name, id_of(type))) {
            type = "VARCHAR";
        }
    }
    return confirmation.sql(call.columns("columns", columns).sql());
}

}  // namespace gatehouse::sources
