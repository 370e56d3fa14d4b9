#include "sidecar/base/table_builder.h"

#include <cstring>
#include <utility>

namespace gatehouse::sidecar {
namespace {

bool bit(const std::uint64_t* words, std::uint64_t row) noexcept
{
    return words == nullptr || (words[row >> 6] >> (row & 63) & 1) != 0;
}

/// Extends a validity mask of `held` rows by `rows` rows of `added`. A mask is made at the first
/// NULL only.
void append_validity(std::vector<std::uint64_t>& mask, std::uint64_t held,
                     const std::uint64_t* added, std::uint64_t rows)
{
    if (mask.empty() && added == nullptr) {
        return;
    }
    if (mask.empty()) {
        mask.assign((held + 63) / 64, ~std::uint64_t{0});
    }
    mask.resize((held + rows + 63) / 64, ~std::uint64_t{0});
    for (std::uint64_t i = 0; i < rows; ++i) {
        const std::uint64_t row = held + i;
        const std::uint64_t flag = std::uint64_t{1} << (row & 63);
        mask[row >> 6] = bit(added, i) ? mask[row >> 6] | flag : mask[row >> 6] & ~flag;
    }
}

void append_cells(Vector& to, const void* cells, std::size_t bytes)
{
    const auto* first = static_cast<const std::byte*>(cells);
    to.data.insert(to.data.end(), first, first + bytes);
}

/// Long texts of one batch move to one allocation of their exact size.
std::uint64_t append_texts(Vector& to, const VectorView& from, std::uint64_t rows)
{
    const auto* cells = static_cast<const Text*>(from.data);
    std::size_t bytes = 0;
    for (std::uint64_t i = 0; i < rows; ++i) {
        if (bit(from.validity, i) && cells[i].length > Text::short_length) {
            bytes += cells[i].length;
        }
    }
    const std::size_t first = to.data.size() / sizeof(Text);
    append_cells(to, cells, rows * sizeof(Text));
    if (bytes == 0) {
        return 0;
    }
    char* place = to.texts.emplace_back(std::make_unique_for_overwrite<char[]>(bytes)).get();
    auto* copies = reinterpret_cast<Text*>(to.data.data()) + first;
    for (std::uint64_t i = 0; i < rows; ++i) {
        Text& text = copies[i];
        if (bit(from.validity, i) && text.length > Text::short_length) {
            std::memcpy(place, text.data, text.length);
            text.data = std::exchange(place, place + text.length);
        }
    }
    return bytes;
}

/// The list entries, moved on by the child rows that are already there.
void append_entries(Vector& to, const VectorView& from, std::uint64_t rows,
                    std::uint64_t child_rows)
{
    const std::size_t first = to.data.size() / sizeof(ListEntry);
    append_cells(to, from.data, rows * sizeof(ListEntry));
    auto* entries = reinterpret_cast<ListEntry*>(to.data.data()) + first;
    for (std::uint64_t i = 0; i < rows; ++i) {
        entries[i].offset += child_rows;
    }
}

std::uint64_t append(Vector& to, std::uint64_t held, const Type& type, const VectorView& from,
                     std::uint64_t rows);

std::uint64_t append_child(Vector& to, std::size_t index, std::uint64_t held, const Type& type,
                           const VectorView& from, std::uint64_t rows)
{
    return append(to.children[index], held, type.children[index], from.children[index], rows);
}

std::uint64_t append_list(Vector& to, const Type& type, const VectorView& from, std::uint64_t rows)
{
    const std::uint64_t child_rows = to.child_rows;
    append_entries(to, from, rows, child_rows);
    to.child_rows += from.child_rows;
    return append_child(to, 0, child_rows, type, from, from.child_rows);
}

/// Appends `rows` rows to a vector that holds `held`; returns the bytes that this took.
std::uint64_t append(Vector& to, std::uint64_t held, const Type& type, const VectorView& from,
                     std::uint64_t rows)
{
    to.children.resize(type.children.size());
    append_validity(to.validity, held, from.validity, rows);
    const std::uint64_t own = rows * cell_size(type);
    switch (type.id) {
    case TypeId::null: return own;
    case TypeId::text:
    case TypeId::blob: return own + append_texts(to, from, rows);
    case TypeId::list:
    case TypeId::map: return own + append_list(to, type, from, rows);
    case TypeId::array:
        return own + append_child(to, 0, held * type.size, type, from, rows * type.size);
    case TypeId::structure: {
        std::uint64_t bytes = own;
        for (std::size_t i = 0; i < type.children.size(); ++i) {
            bytes += append_child(to, i, held, type, from, rows);
        }
        return bytes;
    }
    default: append_cells(to, from.data, own); return own;
    }
}

}  // namespace

TableBuilder::TableBuilder(std::vector<Column> columns)
    : columns_(std::move(columns)), vectors_(columns_.size())
{
}

void TableBuilder::append(std::span<const VectorView> views, std::uint64_t rows)
{
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        bytes_ += sidecar::append(vectors_[i], rows_, columns_[i].type, views[i], rows);
    }
    rows_ += rows;
}

Table TableBuilder::finish() &&
{
    return Table(std::move(columns_), std::move(vectors_), rows_);
}

}  // namespace gatehouse::sidecar
