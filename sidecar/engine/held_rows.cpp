#include "sidecar/engine/held_rows.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <numeric>
#include <utility>

#include "sidecar/engine/fill.h"
#include "sidecar/engine/types.h"

namespace gatehouse::engine {
namespace {

using sidecar::Column;
using sidecar::Table;

constexpr const char* function_name = "gatehouse_rows";

using Tables = std::vector<Table>;

/// Rows that make one chunk.
struct Slice {
    std::size_t table;
    std::uint64_t first, rows;
};

/// What one scan has read so far, shared by its threads.
struct Scan {
    Tables tables;
    std::vector<idx_t> columns;  ///< that the query wants, in the order of its vectors
    std::vector<Slice> slices;
    std::atomic<std::size_t> next{0};
};

std::vector<Slice> slices_of(const Tables& tables)
{
    std::vector<Slice> slices;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const auto rows = tables[i].rows();
        for (std::uint64_t first = 0; first < rows; first += duckdb_vector_size()) {
            slices.push_back(
                {i, first, std::min<std::uint64_t>(duckdb_vector_size(), rows - first)});
        }
    }
    return slices;
}

template <class T>
void destroy(void* object)
{
    delete static_cast<T*>(object);
}

/// DuckDB calls as C does: what is thrown becomes its error.
template <auto Body, auto SetError, class Info, class... Rest>
void guarded(Info info, Rest... rest) noexcept
try {
    Body(info, rest...);
} catch (const std::exception& error) {
    SetError(info, error.what());
}

std::uint64_t id_of(duckdb_client_context context)
{
    return duckdb_client_context_get_connection_id(context);
}

void bind(duckdb_bind_info info)
{
    const auto* held = static_cast<const HeldRows*>(duckdb_bind_get_extra_info(info));
    ClientContext context;
    duckdb_table_function_get_client_context(info, context.address());
    const Value number(duckdb_bind_get_parameter(info, 0));
    const auto slot = held->find(id_of(context.get()),
                                 static_cast<std::uint64_t>(duckdb_get_int64(number.get())));
    if (!slot || slot->empty()) {
        duckdb_bind_set_error(info, "the SQL may read the card's sources only");
        return;
    }
    const Tables& tables = *slot;
    for (const Column& column : tables.front().columns()) {
        duckdb_bind_add_result_column(info, column.name.c_str(), logical_type(column.type).get());
    }
    const auto rows =
        std::accumulate(tables.begin(), tables.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const Table& table) { return sum + table.rows(); });
    duckdb_bind_set_cardinality(info, rows, false);  // others may take their place
    duckdb_bind_set_bind_data(info, new HeldRows::Slot(slot), destroy<HeldRows::Slot>);
}

void init(duckdb_init_info info)
{
    auto scan = std::make_unique<Scan>();
    scan->tables = **static_cast<const HeldRows::Slot*>(duckdb_init_get_bind_data(info));
    for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i) {
        scan->columns.push_back(duckdb_init_get_column_index(info, i));
    }
    scan->slices = slices_of(scan->tables);
    duckdb_init_set_max_threads(info, scan->slices.size() + 1);
    duckdb_init_set_init_data(info, scan.release(), destroy<Scan>);
}

void read_chunk(duckdb_function_info info, duckdb_data_chunk output)
{
    auto& scan = *static_cast<Scan*>(duckdb_function_get_init_data(info));
    const std::size_t next = scan.next.fetch_add(1);
    if (next >= scan.slices.size()) {
        duckdb_data_chunk_set_size(output, 0);
        return;
    }
    const Slice slice = scan.slices[next];
    const Table& table = scan.tables[slice.table];
    std::vector<std::uint64_t> positions(slice.rows);
    for (std::uint64_t i = 0; i < slice.rows; ++i) {
        positions[i] = table.position(slice.first + i);
    }
    for (std::size_t i = 0; i < scan.columns.size(); ++i) {
        // count(*) asks for a column that is none.
        if (const idx_t column = scan.columns[i]; column < table.columns().size()) {
            fill(duckdb_data_chunk_get_vector(output, i), table.columns()[column].type,
                 table.vector(column), positions);
        }
    }
    duckdb_data_chunk_set_size(output, slice.rows);
}

}  // namespace

HeldRows::Lease::Lease(HeldRows& held, const Connection& connection) : held_(held)
{
    ClientContext context;
    duckdb_connection_get_client_context(connection.get(), context.address());
    connection_ = id_of(context.get());
}

HeldRows::Lease::~Lease()
{
    const std::lock_guard lock(held_.mutex_);
    held_.slots_.erase(connection_);
}

std::string HeldRows::Lease::hold(Tables tables)
{
    const std::lock_guard lock(held_.mutex_);
    auto& held = held_.slots_[connection_];
    held.push_back(std::make_shared<Tables>(std::move(tables)));
    return function_name + ("(" + std::to_string(held.size() - 1)) + ")";
}

void HeldRows::Lease::replace(std::size_t number, Tables tables)
{
    const std::lock_guard lock(held_.mutex_);
    *held_.slots_.at(connection_).at(number) = std::move(tables);
}

void HeldRows::Lease::release()
{
    const std::lock_guard lock(held_.mutex_);
    if (const auto held = held_.slots_.find(connection_); held != held_.slots_.end()) {
        for (const Slot& slot : held->second) {
            slot->clear();
        }
    }
}

HeldRows::Slot HeldRows::find(std::uint64_t connection, std::uint64_t number) const
{
    const std::lock_guard lock(mutex_);
    const auto held = slots_.find(connection);
    return held == slots_.end() || number >= held->second.size() ? nullptr : held->second[number];
}

Result<void> HeldRows::register_function(const Connection& connection)
{
    const TableFunction function(duckdb_create_table_function());
    const LogicalType number(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    duckdb_table_function_set_name(function.get(), function_name);
    duckdb_table_function_add_parameter(function.get(), number.get());
    duckdb_table_function_set_extra_info(function.get(), this, nullptr);
    duckdb_table_function_set_bind(function.get(), guarded<bind, duckdb_bind_set_error>);
    duckdb_table_function_set_init(function.get(), guarded<init, duckdb_init_set_error>);
    duckdb_table_function_set_function(function.get(),
                                       guarded<read_chunk, duckdb_function_set_error>);
    duckdb_table_function_supports_projection_pushdown(function.get(), true);
    if (duckdb_register_table_function(connection.get(), function.get()) == DuckDBError) {
        return Error{"DuckDB refuses the function " + std::string(function_name)};
    }
    return {};
}

}  // namespace gatehouse::engine
