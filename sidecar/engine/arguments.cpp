#include "sidecar/engine/arguments.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::engine {
namespace {

using sidecar::Argument;
using sidecar::ParameterType;

/// The digits at [from, from + length) of the text as a number; nothing when they are none.
std::optional<std::int32_t> digits(std::string_view text, std::size_t from, std::size_t length)
{
    std::int32_t value = 0;
    if (text.size() < from + length) {
        return std::nullopt;
    }
    const char* end = text.data() + from + length;
    const auto [stop, error] = std::from_chars(text.data() + from, end, value);
    return error == std::errc{} && stop == end && value >= 0 ? std::optional(value) : std::nullopt;
}

std::optional<duckdb_date_struct> date_in(std::string_view text)
{
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31) {
        return std::nullopt;
    }
    return duckdb_date_struct{*year, static_cast<std::int8_t>(*month),
                              static_cast<std::int8_t>(*day)};
}

/// `.25Z` as 250,000.
std::optional<std::int32_t> microseconds_in(std::string_view rest)
{
    if (rest == "Z") {
        return 0;
    }
    if (rest.size() < 3 || rest.size() > 8 || rest.front() != '.' || rest.back() != 'Z') {
        return std::nullopt;
    }
    auto value = digits(rest, 1, rest.size() - 2);
    for (std::size_t i = rest.size() - 2; value && i < 6; ++i) {
        *value *= 10;
    }
    return value;
}

std::optional<duckdb_time_struct> time_in(std::string_view text)
{
    const auto hour = digits(text, 0, 2);
    const auto minute = digits(text, 3, 2);
    const auto second = digits(text, 6, 2);
    const auto micros = text.size() > 8 ? microseconds_in(text.substr(8)) : std::nullopt;
    if (!hour || !minute || !second || !micros || *hour > 23 || *minute > 59 || *second > 59) {
        return std::nullopt;
    }
    return duckdb_time_struct{static_cast<std::int8_t>(*hour), static_cast<std::int8_t>(*minute),
                              static_cast<std::int8_t>(*second), *micros};
}

/// Binds one value to one parameter of a statement.
struct Binder {
    duckdb_prepared_statement statement;
    idx_t index;
    ParameterType type;

    duckdb_state operator()(std::monostate) const { return duckdb_bind_null(statement, index); }
    duckdb_state operator()(bool value) const
    {
        return duckdb_bind_boolean(statement, index, value);
    }
    duckdb_state operator()(std::int64_t value) const
    {
        return duckdb_bind_int64(statement, index, value);
    }
    duckdb_state operator()(double value) const
    {
        return duckdb_bind_double(statement, index, value);
    }
    duckdb_state operator()(const std::string& value) const
    {
        switch (type) {
        case ParameterType::date: return date(value);
        case ParameterType::datetime: return datetime(value);
        default: return duckdb_bind_varchar_length(statement, index, value.data(), value.size());
        }
    }

    duckdb_state date(std::string_view value) const
    {
        const auto parts = date_in(value);
        return parts && value.size() == 10
                   ? duckdb_bind_date(statement, index, duckdb_to_date(*parts))
                   : DuckDBError;
    }

    duckdb_state datetime(std::string_view value) const
    {
        const auto day = date_in(value);
        const auto time = value.size() > 11 ? time_in(value.substr(11)) : std::nullopt;
        return day && time
                   ? duckdb_bind_timestamp(statement, index, duckdb_to_timestamp({*day, *time}))
                   : DuckDBError;
    }
};

Result<void> bind_one(duckdb_prepared_statement statement, idx_t index,
                      const sidecar::Arguments& arguments)
{
    // DuckDB declares the name const, but says that it must be freed.
    const std::string name = take(const_cast<char*>(duckdb_parameter_name(statement, index)));
    if (!name.empty() && name.find_first_not_of("0123456789") == name.npos) {
        return Error{
            "the SQL has a parameter without a name; write $ and a name from the card's "
            "\"params\""};
    }
    const auto argument = std::find_if(arguments.begin(), arguments.end(),
                                       [&](const Argument& a) { return a.name == name; });
    if (argument == arguments.end()) {
        return sidecar::no_argument(name);
    }
    if (std::visit(Binder{statement, index, argument->type}, argument->value) == DuckDBError) {
        return Error{"the value of $" + name + " does not fit its type"};
    }
    return {};
}

}  // namespace

Result<void> bind(duckdb_prepared_statement statement, const sidecar::Arguments& arguments)
{
    for (idx_t i = 1; i <= duckdb_nparams(statement); ++i) {
        if (Result<void> bound = bind_one(statement, i, arguments); !bound) {
            return bound;
        }
    }
    return {};
}

}  // namespace gatehouse::engine
