#include "sidecar/on_demand/rows_sql.h"

#include <algorithm>
#include <optional>

#include "sidecar/base/parameter.h"
#include "sidecar/base/sql_text.h"
#include "sidecar/on_demand/options.h"
#include "src/base/ascii.h"

namespace gatehouse::on_demand {

namespace {

using sidecar::Argument;
using sidecar::Column;
using sidecar::ParameterType;
using sidecar::sql_identifier;
using sidecar::TypeId;

/// How the values of a column stand to each other and to what a request says.
struct Order {
    ParameterType text;      ///< what a filter's value must be
    std::string filtered;    ///< as which SQL type that is compared
    std::string cursor;      ///< the SQL type whose text names every value exactly
    std::string expression;  ///< what rows are ordered by; NULL where no cursor can name the value
};

std::string decimal_sql(const sidecar::Type& type)
{
    return "DECIMAL(38, " + std::to_string(type.scale) + ')';
}

/// Nothing: values of this type have no order.
std::optional<Order> order_of(const Column& column)
{
    using enum ParameterType;
    const std::string name = sql_identifier(column.name);
    // Infinities and NaN are null in JSON, and so to whoever filters and sorts.
    const std::string finite =
        "CASE WHEN isfinite(" + name + ") THEN CAST(" + name + " AS DOUBLE) END";
    switch (column.type.id) {
    case TypeId::boolean: return Order{boolean, "BOOLEAN", "BOOLEAN", name};
    case TypeId::int8:
    case TypeId::int16:
    case TypeId::int32:
    case TypeId::int64:
    case TypeId::uint8:
    case TypeId::uint16:
    case TypeId::uint32:
    case TypeId::uint64:
    case TypeId::int128: return Order{number, "DOUBLE", "HUGEINT", name};
    case TypeId::uint128: return Order{number, "DOUBLE", "UHUGEINT", name};
    case TypeId::decimal: return Order{number, "DOUBLE", decimal_sql(column.type), name};
    case TypeId::float32: return Order{number, "FLOAT", "DOUBLE", finite};
    case TypeId::float64: return Order{number, "DOUBLE", "DOUBLE", finite};
    case TypeId::text: return Order{string, "VARCHAR", "VARCHAR", name};
    case TypeId::uuid: return Order{string, "VARCHAR", "VARCHAR", "CAST(" + name + " AS VARCHAR)"};
    case TypeId::enumeration:  // in the order of its labels
        return Order{string, "VARCHAR", "BIGINT", "CAST(enum_code(" + name + ") AS BIGINT)"};
    case TypeId::date: return Order{date, "DATE", "DATE", name};
    case TypeId::timestamp_s:
    case TypeId::timestamp_ms:
    case TypeId::timestamp_us: return Order{datetime, "TIMESTAMP", "TIMESTAMP", name};
    case TypeId::timestamp_ns: return Order{datetime, "TIMESTAMP", "TIMESTAMP_NS", name};
    case TypeId::timestamp_tz: return Order{datetime, "TIMESTAMPTZ", "TIMESTAMPTZ", name};
    default: return std::nullopt;
    }
}

/// What a filter compares: labels and UUIDs by their text.
std::string filtered_expression(const Column& column, const Order& order)
{
    const bool by_text = column.type.id == TypeId::enumeration || column.type.id == TypeId::uuid;
    return by_text ? "CAST(" + sql_identifier(column.name) + " AS VARCHAR)" : order.expression;
}

bool is_exact_number(TypeId id) noexcept
{
    return (id >= TypeId::int8 && id <= TypeId::uint128) || id == TypeId::decimal;
}

/// Whether the text is a number that the type can hold to its last digit.
bool is_exact_in(const sidecar::Type& type, std::string_view text)
{
    constexpr std::size_t most_digits = 38;
    text.remove_prefix(text.starts_with('-') ? 1 : 0);
    const auto whole = std::min(text.find('.'), text.size());
    const auto part = text.size() - std::min(whole + 1, text.size());
    const auto digits = [&](std::string_view some) {
        return !some.empty() && std::all_of(some.begin(), some.end(), is_digit);
    };
    return is_exact_number(type.id) && digits(text.substr(0, whole)) &&
           (whole == text.size() || digits(text.substr(whole + 1))) && part <= type.scale &&
           text.size() <= most_digits;
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
                order_ += (order_.empty() ? " ORDER BY " : ", ") + order_of(*column)->expression +
                          (key.descending ? " DESC" : " ASC") + " NULLS LAST";
            }
        }
    }

    /// Rows that come after one with these values: greater in the first column that differs.
    void after(const std::vector<SortKey>& keys, const CursorValues& values)
    {
        if (!invalid_.empty()) {
            return;  // a column that is not there, or has no order
        }
        std::string later;
        std::string equal;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto [greater, same] = beside(keys[i], values[i]);
            later += (later.empty() ? "(" : " OR (") + equal + greater + ')';
            equal += same + " AND ";
        }
        add(later);
    }

    /// Whether each of the values is one of its column's type: a text that is TRUE or not.
    std::string fits(const std::vector<SortKey>& keys, const CursorValues& values)
    {
        std::string all = "TRUE";
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const Column* column = find(columns_, keys[i].column);
            const auto order = column != nullptr ? order_of(*column) : std::nullopt;
            if (order && values[i]) {
                all += " AND TRY_CAST(" + bind(ParameterType::string, *values[i]) + " AS " +
                       order->cursor + ") IS NOT NULL";
            }
        }
        return all;
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

    RowsQuery take_value(const std::string& what)
    {
        return {"SELECT " + what, std::move(arguments_)};
    }

    const Column* known(const std::string& name, const char* option)
    {
        const Column* column = find(columns_, name);
        if (column == nullptr) {
            invalid_.push_back({option, "names the column " + name + ", which is not there"});
            return nullptr;
        }
        if (!order_of(*column)) {
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

    /// The name under which the SQL finds the value.
    std::string bind(ParameterType type, sidecar::ArgumentValue value)
    {
        std::string name = "gatehouse_" + std::to_string(arguments_.size());
        arguments_.push_back({name, type, std::move(value)});
        return '$' + name;
    }

    void add(const Column& column, const Condition& condition)
    {
        if (condition.comparison == Comparison::contains) {
            // As text, and no pattern: what `%` and `_` mean to LIKE does not matter here.
            return add("contains(CAST(" + sql_identifier(column.name) + " AS VARCHAR), CAST(" +
                       bind(ParameterType::string, condition.text) + " AS VARCHAR))");
        }
        const auto order = *order_of(column);
        const auto compare = [&](const std::string& value) {
            add(filtered_expression(column, order) +
                std::string{operator_text(condition.comparison)} + value);
        };
        auto value = parse_value(order.text, condition.text);
        if (!value) {
            invalid_.push_back(
                {"filter", "compares " + column.name + ", whose values " + value.error().message});
            return;
        }
        if (is_exact_in(column.type, condition.text)) {  // a double cannot tell large ones apart
            return compare("TRY_CAST(" + bind(ParameterType::string, condition.text) + " AS " +
                           order.cursor + ')');
        }
        compare("CAST(" + bind(order.text, std::move(*value)) + " AS " + order.filtered + ')');
    }

    /// "comes after" and "is the same" for one column.
    std::pair<std::string, std::string> beside(const SortKey& key,
                                               const std::optional<std::string>& value)
    {
        const auto order = *order_of(*find(columns_, key.column));
        if (!value) {
            return {"false", order.expression + " IS NULL"};
        }
        const std::string bound =
            "CAST(" + bind(ParameterType::string, *value) + " AS " + order.cursor + ')';
        return {'(' + order.expression + (key.descending ? " < " : " > ") + bound + " OR " +
                    order.expression + " IS NULL)",
                order.expression + " = " + bound};
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
                order_of(*find(columns, each.column))->expression + " AS VARCHAR)";
    }
    return {
        "SELECT " + list + " FROM " + rows_relation + " LIMIT 1 OFFSET " + std::to_string(offset),
        {}};
}

RowsQuery cursor_check(std::span<const Column> columns, const Options& options,
                       const std::string& key)
{
    Builder builder{columns};
    const auto fits = builder.fits(with_key(options.sort, key), *options.after);
    return builder.take_value(fits);
}

}  // namespace gatehouse::on_demand
