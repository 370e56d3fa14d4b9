#include "sidecar/base/gather.h"

#include <cstring>
#include <numeric>
#include <utility>

namespace gatehouse::sidecar {
namespace {

using Positions = std::span<const std::uint64_t>;

std::vector<std::uint64_t> gathered_validity(const Vector& from, Positions positions)
{
    if (from.validity.empty()) {
        return {};
    }
    std::vector<std::uint64_t> mask((positions.size() + 63) / 64, ~std::uint64_t{0});
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (!from.valid(positions[i])) {
            mask[i >> 6] &= ~(std::uint64_t{1} << (i & 63));
        }
    }
    return mask;
}

void gather_cells(Vector& to, const Vector& from, std::size_t size, Positions positions)
{
    to.data.resize(positions.size() * size);
    for (std::size_t i = 0; i < positions.size(); ++i) {
        std::memcpy(to.data.data() + i * size, from.data.data() + positions[i] * size, size);
    }
}

/// Has the long texts among the cells point into memory of their own.
void own_texts(Vector& to, std::size_t rows)
{
    auto* cells = reinterpret_cast<Text*>(to.data.data());
    std::size_t bytes = 0;
    const auto is_long = [&](std::size_t i) {
        return to.valid(i) && cells[i].length > Text::short_length;
    };
    for (std::size_t i = 0; i < rows; ++i) {
        bytes += is_long(i) ? cells[i].length : 0;
    }
    if (bytes == 0) {
        return;
    }
    char* place = to.texts.emplace_back(std::make_unique_for_overwrite<char[]>(bytes)).get();
    for (std::size_t i = 0; i < rows; ++i) {
        if (is_long(i)) {
            std::memcpy(place, cells[i].data, cells[i].length);
            cells[i].data = std::exchange(place, place + cells[i].length);
        }
    }
}

/// The lists' elements one after the other, and the entries that say so.
void gather_lists(Vector& to, const Vector& from, const Type& type, Positions positions)
{
    std::vector<std::uint64_t> elements;
    std::vector<ListEntry> entries;
    entries.reserve(positions.size());
    for (const std::uint64_t position : positions) {
        const ListEntry entry =
            from.valid(position) ? from.cell<ListEntry>(position) : ListEntry{0, 0};
        entries.push_back({elements.size(), entry.length});
        for (std::uint64_t i = 0; i < entry.length; ++i) {
            elements.push_back(entry.offset + i);
        }
    }
    to.data.resize(entries.size() * sizeof(ListEntry));
    std::memcpy(to.data.data(), entries.data(), to.data.size());
    to.child_rows = elements.size();
    to.children.push_back(gathered(from.children[0], type.children[0], elements));
}

void gather_array(Vector& to, const Vector& from, const Type& type, Positions positions)
{
    std::vector<std::uint64_t> elements;
    elements.reserve(positions.size() * type.size);
    for (const std::uint64_t position : positions) {
        for (std::uint64_t i = 0; i < type.size; ++i) {
            elements.push_back(position * type.size + i);
        }
    }
    to.children.push_back(gathered(from.children[0], type.children[0], elements));
}

/// No rows, but the children that the type says.
Vector empty_vector(const Type& type)
{
    Vector vector;
    for (const Type& child : type.children) {
        vector.children.push_back(empty_vector(child));
    }
    return vector;
}

VectorView view_of(const Vector& vector)
{
    VectorView view{vector.data.data(),
                    vector.validity.empty() ? nullptr : vector.validity.data(),
                    vector.child_rows,
                    {}};
    for (const Vector& child : vector.children) {
        view.children.push_back(view_of(child));
    }
    return view;
}

}  // namespace

Vector gathered(const Vector& from, const Type& type, Positions positions)
{
    if (positions.empty()) {
        return empty_vector(type);
    }
    Vector to;
    to.validity = gathered_validity(from, positions);
    switch (type.id) {
    case TypeId::null: break;
    case TypeId::list:
    case TypeId::map: gather_lists(to, from, type, positions); break;
    case TypeId::array: gather_array(to, from, type, positions); break;
    case TypeId::structure:
        for (std::size_t i = 0; i < type.children.size(); ++i) {
            to.children.push_back(gathered(from.children[i], type.children[i], positions));
        }
        break;
    case TypeId::text:
    case TypeId::blob:
        gather_cells(to, from, sizeof(Text), positions);
        own_texts(to, positions.size());
        break;
    default: gather_cells(to, from, cell_size(type), positions);
    }
    return to;
}

Vector copied(const Vector& from, const Type& type, std::uint64_t rows)
{
    std::vector<std::uint64_t> all(rows);
    std::iota(all.begin(), all.end(), std::uint64_t{0});
    return gathered(from, type, all);
}

Table compacted(const Table& table)
{
    if (!table.is_selection() && table.rows() > 0) {
        return table;
    }
    std::vector<std::uint64_t> positions(table.rows());
    for (std::uint64_t i = 0; i < table.rows(); ++i) {
        positions[i] = table.position(i);
    }
    std::vector<Vector> vectors;
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
        vectors.push_back(gathered(table.vector(i), table.columns()[i].type, positions));
    }
    return Table(table.columns(), std::move(vectors), table.rows());
}

std::vector<VectorView> views_of(const Table& table)
{
    std::vector<VectorView> views;
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
        views.push_back(view_of(table.vector(i)));
    }
    return views;
}

}  // namespace gatehouse::sidecar
