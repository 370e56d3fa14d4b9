#include "sidecar/engine/whole_number.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/base/relation.h"
#include "sidecar/base/table.h"

namespace gatehouse::engine {
namespace {

using sidecar::Text;
using ScalarFunction = Handle<duckdb_scalar_function, duckdb_destroy_scalar_function>;

std::string_view trimmed(std::string_view text) noexcept
{
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    return text;
}

std::optional<std::int64_t> whole_number(std::string_view text) noexcept
{
    text = trimmed(text);
    if (text.starts_with('+') && !text.starts_with("+-")) {
        text.remove_prefix(1);
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// One argument of the function, row by row.
class Argument {
public:
    Argument(duckdb_data_chunk chunk, idx_t index)
        : cells_(static_cast<const Text*>(
              duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, index)))),
          validity_(duckdb_vector_get_validity(duckdb_data_chunk_get_vector(chunk, index)))
    {
    }

    bool valid(idx_t row) const { return duckdb_validity_row_is_valid(validity_, row); }
    std::string_view operator[](idx_t row) const noexcept { return cells_[row].view(); }

private:
    const Text* cells_;
    std::uint64_t* validity_;
};

void set_null(duckdb_vector output, idx_t row)
{
    duckdb_vector_ensure_validity_writable(output);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
}

void convert(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    const Argument text(input, 0);
    const Argument before(input, 1);
    const Argument after(input, 2);
    auto* values = static_cast<std::int64_t*>(duckdb_vector_get_data(output));
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
        if (!text.valid(row)) {
            set_null(output, row);
        } else if (const auto value = whole_number(text[row])) {
            values[row] = *value;
        } else {
            const std::string message =
                std::string(before[row]).append(text[row]).append(after[row]);
            duckdb_scalar_function_set_error(info, message.c_str());
            return;
        }
    }
}

}  // namespace

Result<void> register_whole_number(const Connection& connection)
{
    const ScalarFunction function(duckdb_create_scalar_function());
    const LogicalType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
    const LogicalType number(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    duckdb_scalar_function_set_name(function.get(), sidecar::whole_number_function);
    for (int i = 0; i < 3; ++i) {
        duckdb_scalar_function_add_parameter(function.get(), text.get());
    }
    duckdb_scalar_function_set_return_type(function.get(), number.get());
    duckdb_scalar_function_set_special_handling(function.get());
    duckdb_scalar_function_set_function(function.get(), convert);
    if (duckdb_register_scalar_function(connection.get(), function.get()) == DuckDBError) {
        return Error{"DuckDB refuses the function " + std::string(sidecar::whole_number_function)};
    }
    return {};
}

}  // namespace gatehouse::engine
