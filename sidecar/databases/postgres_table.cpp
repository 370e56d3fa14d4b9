#include "sidecar/databases/postgres_table.h"

#include <utility>

#include "sidecar/databases/job_errors.h"

namespace gatehouse::databases {
namespace {

constexpr std::string_view copy_signature("PGCOPY\n\377\r\n\0", 11);
constexpr std::size_t copy_header = 19;  // signature, flags, length of what is to be skipped

std::uint32_t big_endian(std::string_view bytes, std::size_t size)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

Error not_a_copy()
{
    return {"PostgreSQL sent rows that are not in COPY's binary form"};
}

}  // namespace

PostgresTable::PostgresTable(std::vector<sidecar::Column> columns, std::vector<Oid> oids)
    : columns_(std::move(columns)), oids_(std::move(oids))
{
    for (const sidecar::Column& column : columns_) {
        writers_.emplace_back(column.type);
    }
}

Result<void> PostgresTable::add(std::size_t column, std::optional<std::string_view> bytes)
{
    if (!bytes) {
        writers_[column].null();
        return {};
    }
    Result<void> added = append(writers_[column], oids_[column], *bytes);
    return added ? added
                 : Error{"column \"" + columns_[column].name + "\": " + added.error().message};
}

Result<void> PostgresTable::end_row(const Job& job)
{
    ++rows_;
    std::uint64_t bytes = 0;
    for (const sidecar::VectorWriter& writer : writers_) {
        bytes += writer.bytes();
    }
    return check_size(job, rows_, bytes);
}

Result<bool> PostgresTable::add_copied(std::string_view bytes, const Job& job)
{
    if (!header_read_) {
        if (!bytes.starts_with(copy_signature) || bytes.size() < copy_header) {
            return not_a_copy();
        }
        const std::size_t skip = big_endian(bytes.substr(15), 4);
        if (skip > bytes.size() - copy_header) {
            return not_a_copy();
        }
        bytes.remove_prefix(copy_header + skip);
        header_read_ = true;
    }
    while (!bytes.empty()) {
        Result<bool> end = add_tuple(bytes, job);
        if (!end || *end) {
            return end;
        }
    }
    return false;
}

Result<bool> PostgresTable::add_tuple(std::string_view& bytes, const Job& job)
{
    if (bytes.size() < 2) {
        return not_a_copy();
    }
    const std::uint32_t fields = big_endian(bytes, 2);
    bytes.remove_prefix(2);
    if (fields == 0xffff) {
        return true;
    }
    if (fields != writers_.size()) {
        return not_a_copy();
    }
    for (std::size_t i = 0; i < writers_.size(); ++i) {
        if (bytes.size() < 4) {
            return not_a_copy();
        }
        const auto size = static_cast<std::int32_t>(big_endian(bytes, 4));
        bytes.remove_prefix(4);
        std::optional<std::string_view> value;
        if (size >= 0) {
            if (static_cast<std::size_t>(size) > bytes.size()) {
                return not_a_copy();
            }
            value = bytes.substr(0, static_cast<std::size_t>(size));
            bytes.remove_prefix(value->size());
        }
        if (Result<void> added = add(i, value); !added) {
            return added.error();
        }
    }
    const Result<void> ended = end_row(job);
    return ended ? Result<bool>(false) : ended.error();
}

sidecar::Table PostgresTable::finish() &&
{
    std::vector<sidecar::Vector> vectors;
    for (sidecar::VectorWriter& writer : writers_) {
        vectors.push_back(std::move(writer).finish());
    }
    return {std::move(columns_), std::move(vectors), rows_};
}

}  // namespace gatehouse::databases
