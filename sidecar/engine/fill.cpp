#include "sidecar/engine/fill.h"

#include <cstring>
#include <vector>

namespace gatehouse::engine {
namespace {

using sidecar::ListEntry;
using sidecar::Text;
using sidecar::Type;
using sidecar::TypeId;
using sidecar::Vector;
using Positions = std::span<const std::uint64_t>;

bool valid(const Vector& from, std::uint64_t position) noexcept
{
    return position != no_row && from.valid(position);
}

bool all_valid(const Vector& from, Positions positions) noexcept
{
    for (const std::uint64_t position : positions) {
        if (!valid(from, position)) {
            return false;
        }
    }
    return true;
}

void mark_nulls(duckdb_vector to, const Vector& from, Positions positions)
{
    if (all_valid(from, positions)) {
        return;
    }
    duckdb_vector_ensure_validity_writable(to);
    std::uint64_t* mask = duckdb_vector_get_validity(to);
    for (idx_t row = 0; row < positions.size(); ++row) {
        duckdb_validity_set_row_validity(mask, row, valid(from, positions[row]));
    }
}

bool adjacent(Positions positions) noexcept
{
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (positions[i] == no_row || positions[i] != positions[0] + i) {
            return false;
        }
    }
    return true;
}

void copy_cells(duckdb_vector to, std::size_t size, const Vector& from, Positions positions)
{
    auto* cells = static_cast<std::byte*>(duckdb_vector_get_data(to));
    if (!positions.empty() && adjacent(positions)) {
        std::memcpy(cells, from.data.data() + positions[0] * size, positions.size() * size);
        return;
    }
    for (const std::uint64_t position : positions) {
        if (position == no_row) {
            std::memset(cells, 0, size);
        } else {
            std::memcpy(cells, from.data.data() + position * size, size);
        }
        cells += size;
    }
}

/// DuckDB compares the bytes behind a short text as well, and the first four of a long one twice.
void copy_texts(duckdb_vector to, const Vector& from, Positions positions)
{
    auto* cells = static_cast<Text*>(duckdb_vector_get_data(to));
    for (idx_t row = 0; row < positions.size(); ++row) {
        Text& text = cells[row];
        std::memset(&text, 0, sizeof text);
        if (!valid(from, positions[row])) {
            continue;
        }
        const Text& cell = from.cell<Text>(positions[row]);
        const std::string_view bytes = cell.view();
        text.length = cell.length;
        if (bytes.size() <= Text::short_length) {
            // Past `head` as well: a short text goes on where a long one has its pointer.
            std::memcpy(reinterpret_cast<char*>(&text) + offsetof(Text, head), bytes.data(),
                        bytes.size());
        } else {
            std::memcpy(text.head, bytes.data(), sizeof text.head);
            text.data = bytes.data();
        }
    }
}

void fill_lists(duckdb_vector to, const Type& type, const Vector& from, Positions positions)
{
    auto* entries = static_cast<ListEntry*>(duckdb_vector_get_data(to));
    std::vector<std::uint64_t> elements;
    for (idx_t row = 0; row < positions.size(); ++row) {
        const ListEntry entry =
            valid(from, positions[row]) ? from.cell<ListEntry>(positions[row]) : ListEntry{0, 0};
        entries[row] = {elements.size(), entry.length};
        for (std::uint64_t i = 0; i < entry.length; ++i) {
            elements.push_back(entry.offset + i);
        }
    }
    duckdb_list_vector_reserve(to, elements.size());
    duckdb_list_vector_set_size(to, elements.size());
    fill(duckdb_list_vector_get_child(to), type.children[0], from.children[0], elements);
}

void fill_arrays(duckdb_vector to, const Type& type, const Vector& from, Positions positions)
{
    std::vector<std::uint64_t> elements;
    elements.reserve(positions.size() * type.size);
    for (const std::uint64_t position : positions) {
        for (std::uint64_t i = 0; i < type.size; ++i) {
            elements.push_back(valid(from, position) ? position * type.size + i : no_row);
        }
    }
    fill(duckdb_array_vector_get_child(to), type.children[0], from.children[0], elements);
}

/// DuckDB looks at a field's own validity only, so a NULL goes down into the fields.
void fill_structures(duckdb_vector to, const Type& type, const Vector& from, Positions positions)
{
    std::vector<std::uint64_t> rows(positions.begin(), positions.end());
    for (std::uint64_t& position : rows) {
        position = valid(from, position) ? position : no_row;
    }
    for (std::size_t i = 0; i < type.children.size(); ++i) {
        fill(duckdb_struct_vector_get_child(to, i), type.children[i], from.children[i], rows);
    }
}

void fill_nulls(duckdb_vector to, std::size_t rows)
{
    duckdb_vector_ensure_validity_writable(to);
    for (idx_t row = 0; row < rows; ++row) {
        duckdb_validity_set_row_invalid(duckdb_vector_get_validity(to), row);
    }
}

}  // namespace

void fill(duckdb_vector to, const Type& type, const Vector& from, Positions positions)
{
    if (type.id == TypeId::null) {
        fill_nulls(to, positions.size());
        return;
    }
    mark_nulls(to, from, positions);
    switch (type.id) {
    case TypeId::text:
    case TypeId::blob: copy_texts(to, from, positions); break;
    case TypeId::list:
    case TypeId::map: fill_lists(to, type, from, positions); break;
    case TypeId::array: fill_arrays(to, type, from, positions); break;
    case TypeId::structure: fill_structures(to, type, from, positions); break;
    default: copy_cells(to, cell_size(type), from, positions);
    }
}

}  // namespace gatehouse::engine
