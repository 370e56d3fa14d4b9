// Owners of DuckDB's C handles.
#pragma once

#include <duckdb.h>

#include <string>
#include <utility>

namespace gatehouse::engine {

template <class T, auto Destroy>
class Handle {
public:
    Handle() noexcept = default;
    explicit Handle(T value) noexcept : value_(value) {}
    Handle(Handle&& other) noexcept : value_(std::exchange(other.value_, T{})) {}
    Handle& operator=(Handle&& other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Handle() { Destroy(&value_); }

    T get() const noexcept { return value_; }

    /// For functions that fill or read the handle by its address.
    T* address() noexcept { return &value_; }

private:
    T value_{};
};

using Database = Handle<duckdb_database, duckdb_close>;
using Connection = Handle<duckdb_connection, duckdb_disconnect>;
using Options = Handle<duckdb_config, duckdb_destroy_config>;
using Statements = Handle<duckdb_extracted_statements, duckdb_destroy_extracted>;
using Prepared = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using QueryResult = Handle<duckdb_result, duckdb_destroy_result>;
using DataChunk = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using TableFunction = Handle<duckdb_table_function, duckdb_destroy_table_function>;
using ClientContext = Handle<duckdb_client_context, duckdb_destroy_client_context>;
using Value = Handle<duckdb_value, duckdb_destroy_value>;
using LogicalType = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;

/// Takes over a string that DuckDB allocated; null is empty.
inline std::string take(char* text)
{
    std::string copy(text != nullptr ? text : "");
    duckdb_free(text);
    return copy;
}

inline std::string text_of(const char* text)
{
    return text != nullptr ? text : "";
}

}  // namespace gatehouse::engine
