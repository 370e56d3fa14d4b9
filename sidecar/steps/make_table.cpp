#include "sidecar/steps/make_table.h"

#include <utility>

#include "sidecar/base/gather.h"

namespace gatehouse::steps {
namespace {

using sidecar::ListEntry;
using sidecar::Table;
using sidecar::Text;
using sidecar::Type;
using sidecar::TypeId;

/// The table's columns as the fields of one column, row by row.
Cells objects_of_rows(const Table& table)
{
    const Table own = sidecar::compacted(table);
    std::vector<std::pair<std::string, Cells>> fields;
    for (std::size_t i = 0; i < own.columns().size(); ++i) {
        fields.emplace_back(own.columns()[i].name, copy_of(own, i));
    }
    return objects_of(std::move(fields));
}

}  // namespace

Cells cells_of(const std::vector<std::string>& texts)
{
    Cells cells;
    cells.type.id = TypeId::text;
    std::size_t bytes = 0;
    for (const std::string& text : texts) {
        bytes += text.size();
    }
    char* place =
        cells.vector.texts.emplace_back(std::make_unique_for_overwrite<char[]>(bytes)).get();
    std::vector<Text> made(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        Text& text = made[i];
        const bool is_short = texts[i].size() <= Text::short_length;
        text.length = static_cast<std::uint32_t>(texts[i].size());
        char* to = is_short ? reinterpret_cast<char*>(&text) + offsetof(Text, head) : place;
        std::memcpy(to, texts[i].data(), texts[i].size());
        if (!is_short) {
            std::memcpy(text.head, texts[i].data(), sizeof(text.head));
            text.data = std::exchange(place, place + texts[i].size());
        }
    }
    cells.vector.data.resize(made.size() * sizeof(Text));
    if (!made.empty()) {
        std::memcpy(cells.vector.data.data(), made.data(), cells.vector.data.size());
    }
    return cells;
}

Cells lists_of(Cells elements, std::span<const std::uint64_t> lengths)
{
    Cells cells;
    cells.type = {.id = TypeId::list, .children = {std::move(elements.type)}};
    std::vector<ListEntry> entries;
    std::uint64_t offset = 0;
    for (const std::uint64_t length : lengths) {
        entries.push_back({std::exchange(offset, offset + length), length});
    }
    cells.vector.data.resize(entries.size() * sizeof(ListEntry));
    if (!entries.empty()) {
        std::memcpy(cells.vector.data.data(), entries.data(), cells.vector.data.size());
    }
    cells.vector.child_rows = offset;
    cells.vector.children.push_back(std::move(elements.vector));
    return cells;
}

Cells equal_lists_of(Cells elements, std::uint64_t length, std::uint64_t rows)
{
    return lists_of(std::move(elements), std::vector<std::uint64_t>(rows, length));
}

Cells copy_of(const Table& table, std::size_t column)
{
    const Type& type = table.columns()[column].type;
    return {type, sidecar::copied(table.vector(column), type, table.rows())};
}

Cells objects_of(std::vector<std::pair<std::string, Cells>> fields)
{
    Cells cells;
    cells.type.id = TypeId::structure;
    for (auto& [name, field] : fields) {
        cells.type.fields.push_back(std::move(name));
        cells.type.children.push_back(std::move(field.type));
        cells.vector.children.push_back(std::move(field.vector));
    }
    return cells;
}

Cells list_of_rows(const Table& table)
{
    return equal_lists_of(objects_of_rows(table), table.rows(), 1);
}

Cells object_of_row(const Table& table)
{
    return objects_of_rows(table);
}

TableMaker& TableMaker::add(std::string name, Cells cells)
{
    columns_.push_back({std::move(name), std::move(cells.type)});
    vectors_.push_back(std::move(cells.vector));
    return *this;
}

Table TableMaker::done() &&
{
    return Table(std::move(columns_), std::move(vectors_), rows_);
}

}  // namespace gatehouse::steps
