#include "sidecar/on_demand/rows_sql.h"

#include <algorithm>
#include <optional>

#include "sidecar/base/parameter.h"
#include "sidecar/base/sql_text.h"
#include "sidecar/on_demand/options.h"

namespace gatehouse::on_demand {

namespace {

using sidecar::Argument;
using sidecar::Column;
using sidecar::ParameterType;
using sidecar::sql_identifier;
using sidecar::TypeId;

/// How a column is compared with what a request says: what the text must be, and as which SQL type
/// it is compared.
struct Comparable {
    ParameterType text;
    std::string sql;
};

std::optional<Comparable> comparable(const sidecar::Type& type)
{
    switch (type.id) {
    case TypeId::boolean: return Comparable{ParameterType::boolean, "BOOLEAN"};
    case TypeId::int8:
    case TypeId::int16:
    case TypeId::int32:
    case TypeId::int64:
    case TypeId::uint8:
    case TypeId::uint16:
    case TypeId::uint32:
    case TypeId::uint64:
    case TypeId::int128:
    case TypeId::uint128:
    case TypeId::float32:
    case TypeId::float64:
    case TypeId::decimal: return Comparable{ParameterType::number, "DOUBLE"};
    case TypeId::text:
    case TypeId::uuid:
    case TypeId::enumeration: return Comparable{ParameterType::string, "VARCHAR"};
    case TypeId::date: return Comparable{ParameterType::date, "DATE"};
    case TypeId::timestamp_s:
    case TypeId::timestamp_ms:
    case TypeId::timestamp_us:
    case TypeId::timestamp_ns: return Comparable{ParameterType::datetime, "TIMESTAMP"};
    case TypeId::timestamp_tz: return Comparable{ParameterType::datetime, "TIMESTAMPTZ"};
    default: return std::nullopt;
    }
}

bool is_whole(TypeId id) noexcept
{
    return id >= TypeId::int8 && id <= TypeId::uint64;
}

const Column* find(std::span<const Column> columns, std::string_view name)
{
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const Column& column) { return column.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

std::string_view operator_text(Comparison comparison)
{
    switch (comparison) {
    case Comparison::equal: return " = ";
    case Comparison::not_equal: return " <> ";
    case Comparison::less: return " < ";
    case Comparison::at_most: return " <= ";
    case Comparison::more: return " > ";
    case Comparison::at_least: return " >= ";
    case Comparison::contains: break;
    }
    return {};
}

/// Collects the text, the values and what is wrong.
class Builder {
public:
    explicit Builder(std::span<const Column> columns) : columns_(columns) {}

    void filter(const std::vector<Condition>& conditions)
    {
        for (const Condition& condition : conditions) {
            if (const Column* column = known(condition.column, "filter")) {
                add(*column, condition);
            }
        }
    }

    void order(const std::vector<SortKey>& keys)
    {
        for (const SortKey& key : keys) {
            if (const Column* column = known(key.column, "sort")) {
                order_ += (order_.empty() ? " ORDER BY " : ", ") + expression(*column) +
                          (key.descending ? " DESC" : " ASC") + " NULLS LAST";
            }
        }
    }

    /// Rows that come after one with these values: greater in the first column that differs.
    void after(const std::vector<SortKey>& keys, const CursorValues& values)
    {
        std::string later;
        std::string equal;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const Column* column = find(columns_, keys[i].column);
            if (column == nullptr) {
                return;  // said by order()
            }
            const auto [greater, same] = beside(*column, keys[i], values[i]);
            later += (later.empty() ? "(" : " OR (") + equal + greater + ')';
            equal += same + " AND ";
        }
        add(later);
    }

    std::variant<RowsQuery, std::vector<InvalidParam>> take(const std::string& what,
                                                            std::optional<std::uint64_t> limit)
    {
        if (!invalid_.empty()) {
            return std::move(invalid_);
        }
        std::string sql = "SELECT " + what + " FROM " + rows_relation + where_ + order_;
        if (limit) {
            sql += " LIMIT " + std::to_string(*limit);
        }
        return RowsQuery{std::move(sql), std::move(arguments_)};
    }

    /// What rows are ordered by: infinities and NaN, which no cursor can name, as NULL.
    static std::string expression(const Column& column)
    {
        const std::string name = sql_identifier(column.name);
        const bool floating =
            column.type.id == TypeId::float32 || column.type.id == TypeId::float64;
        return floating ? "CASE WHEN isfinite(" + name + ") THEN " + name + " END" : name;
    }

    const Column* known(const std::string& name, const char* option)
    {
        const Column* column = find(columns_, name);
        if (column == nullptr) {
            invalid_.push_back({option, "names the column " + name + ", which is not there"});
            return nullptr;
        }
        if (!comparable(column->type)) {
            invalid_.push_back({option, "names the column " + name + ", whose type has no order: " +
                                            std::string{name_of(column->type.id)}});
            return nullptr;
        }
        return column;
    }

private:
    void add(const std::string& condition)
    {
        where_ += (where_.empty() ? " WHERE (" : " AND (") + condition + ')';
    }

    std::string bind(const Column& column, ParameterType type, sidecar::ArgumentValue value)
    {
        const std::string name = "gatehouse_" + std::to_string(arguments_.size());
        const std::string sql_type = is_whole(column.type.id) && type == ParameterType::integer
                                         ? "BIGINT"
                                         : comparable(column.type)->sql;
        arguments_.push_back(Argument{name, type, std::move(value)});
        return "CAST($" + name + " AS " + sql_type + ')';
    }

    void add(const Column& column, const Condition& condition)
    {
        const auto as = *comparable(column.type);
        if (condition.comparison == Comparison::contains) {
            // As text, and no pattern: what `%` and `_` mean to LIKE does not matter here.
            const std::string value =
                "CAST($gatehouse_" + std::to_string(arguments_.size()) + " AS VARCHAR)";
            arguments_.push_back({"gatehouse_" + std::to_string(arguments_.size()),
                                  ParameterType::string, condition.text});
            return add("contains(CAST(" + sql_identifier(column.name) + " AS VARCHAR), " + value +
                       ')');
        }
        // Whole numbers are compared as such: a double cannot tell large ones apart.
        const bool whole = is_whole(column.type.id);
        auto value = parse_value(whole ? ParameterType::integer : as.text, condition.text);
        const bool is_integer = whole && static_cast<bool>(value);
        if (!value && whole) {
            value = parse_value(ParameterType::number, condition.text);
        }
        if (!value) {
            invalid_.push_back(
                {"filter", "compares " + column.name + ", whose values " + value.error().message});
            return;
        }
        const auto type = is_integer ? ParameterType::integer : as.text;
        add(sql_identifier(column.name) + std::string{operator_text(condition.comparison)} +
            bind(column, type, std::move(*value)));
    }

    /// "comes after" and "is the same" for one column.
    std::pair<std::string, std::string> beside(const Column& column, const SortKey& key,
                                               const std::optional<std::string>& value)
    {
        const std::string name = expression(column);
        if (!value) {
            return {"false", name + " IS NULL"};
        }
        const std::string bound =
            "CAST($gatehouse_" + std::to_string(arguments_.size()) + " AS " +
            (is_whole(column.type.id) ? "HUGEINT" : comparable(column.type)->sql) + ')';
        arguments_.push_back(
            {"gatehouse_" + std::to_string(arguments_.size()), ParameterType::string, *value});
        return {'(' + name + (key.descending ? " < " : " > ") + bound + " OR " + name + " IS NULL)",
                name + " = " + bound};
    }

    std::span<const Column> columns_;
    std::string where_;
    std::string order_;
    sidecar::Arguments arguments_;
    std::vector<InvalidParam> invalid_;
};

}  // namespace

std::variant<RowsQuery, std::vector<InvalidParam>> rows_query(std::span<const Column> columns,
                                                              const Options& options,
                                                              const std::string& key)
{
    Builder builder{columns};
    const auto sort = with_key(options.sort, key);
    builder.filter(options.filter);
    builder.order(sort);
    if (options.after) {
        builder.after(sort, *options.after);
    }
    return builder.take("*", options.limit ? std::optional{*options.limit + 1} : std::nullopt);
}

std::variant<RowsQuery, std::vector<InvalidParam>> fields_query(
    std::span<const Column> columns, const std::vector<std::string>& fields)
{
    std::vector<InvalidParam> invalid;
    std::string list;
    for (const std::string& name : fields) {
        if (find(columns, name) == nullptr) {
            invalid.push_back({"fields", "names the column " + name + ", which is not there"});
        }
        list += (list.empty() ? "" : ", ") + sql_identifier(name);
    }
    if (!invalid.empty()) {
        return invalid;
    }
    return RowsQuery{"SELECT " + list + " FROM " + rows_relation, {}};
}

RowsQuery cursor_query(std::span<const Column> columns, const Options& options,
                       const std::string& key, std::uint64_t offset)
{
    std::string list;
    for (const SortKey& each : with_key(options.sort, key)) {
        list += (list.empty() ? "CAST(" : ", CAST(") +
                Builder::expression(*find(columns, each.column)) + " AS VARCHAR)";
    }
    return {
        "SELECT " + list + " FROM " + rows_relation + " LIMIT 1 OFFSET " + std::to_string(offset),
        {}};
}

}  // namespace gatehouse::on_demand
