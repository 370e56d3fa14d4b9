#include "sidecar/base/table_bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

namespace gatehouse::sidecar {

static_assert(std::endian::native == std::endian::little);

namespace {

constexpr std::string_view magic = "GTROWS01";
constexpr std::size_t alignment = 8;

struct Kept {
    TypeId type;
    std::uint8_t code;  ///< never changed
    std::size_t cell;
};

constexpr std::array<Kept, 6> kept{{
    {TypeId::boolean, 1, 1},
    {TypeId::int64, 2, 8},
    {TypeId::float64, 3, 8},
    {TypeId::text, 4, sizeof(std::uint32_t)},
    {TypeId::date, 5, 4},
    {TypeId::timestamp_us, 6, 8},
}};

const Kept* kept_as(TypeId type) noexcept
{
    for (const auto& row : kept) {
        if (row.type == type) {
            return &row;
        }
    }
    return nullptr;
}

const Kept* kept_under(std::uint8_t code) noexcept
{
    for (const auto& row : kept) {
        if (row.code == code) {
            return &row;
        }
    }
    return nullptr;
}

constexpr std::uint64_t words_for(std::uint64_t rows) noexcept
{
    return (rows + 63) / 64;
}

template <class Number>
void put(std::string& out, Number number)
{
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void align(std::string& out)
{
    out.resize((out.size() + alignment - 1) / alignment * alignment);
}

void put_validity(std::string& out, const Table& table, const Vector& vector)
{
    std::vector<std::uint64_t> words(words_for(table.rows()));
    for (std::uint64_t row = 0; row < table.rows(); ++row) {
        words[row >> 6] |= std::uint64_t{vector.valid(table.position(row))} << (row & 63);
    }
    out.append(reinterpret_cast<const char*>(words.data()), words.size() * sizeof words[0]);
}

void put_cells(std::string& out, const Table& table, const Vector& vector, std::size_t size)
{
    for (std::uint64_t row = 0; row < table.rows(); ++row) {
        const auto* cell = vector.data.data() + table.position(row) * size;
        out.append(reinterpret_cast<const char*>(cell), size);
    }
}

std::string_view text_in(const Vector& vector, std::uint64_t position)
{
    return vector.valid(position) ? vector.cell<Text>(position).view() : std::string_view{};
}

void put_texts(std::string& out, const Table& table, const Vector& vector)
{
    for (std::uint64_t row = 0; row < table.rows(); ++row) {
        put(out, static_cast<std::uint32_t>(text_in(vector, table.position(row)).size()));
    }
    align(out);
    for (std::uint64_t row = 0; row < table.rows(); ++row) {
        out += text_in(vector, table.position(row));
    }
}

/// Takes from the front; nothing when there is not so much.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    std::optional<std::string_view> take(std::uint64_t size)
    {
        if (size > bytes_.size() - at_) {
            return std::nullopt;
        }
        const auto taken = bytes_.substr(at_, size);
        at_ += size;
        return taken;
    }

    template <class Number>
    std::optional<Number> number()
    {
        const auto bytes = take(sizeof(Number));
        if (!bytes) {
            return std::nullopt;
        }
        Number out;
        std::memcpy(&out, bytes->data(), sizeof out);
        return out;
    }

    void align() { at_ = std::min(bytes_.size(), (at_ + alignment - 1) / alignment * alignment); }
    std::size_t left() const noexcept { return bytes_.size() - at_; }

private:
    std::string_view bytes_;
    std::size_t at_ = 0;
};

std::vector<std::byte> copy(std::string_view bytes)
{
    const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
    return {begin, begin + bytes.size()};
}

Text text_cell(const char* bytes, std::uint32_t size)
{
    Text cell{};
    cell.length = size;
    if (size <= Text::short_length) {
        std::memcpy(reinterpret_cast<char*>(&cell) + offsetof(Text, head), bytes, size);
    } else {
        std::memcpy(cell.head, bytes, sizeof cell.head);
        cell.data = bytes;
    }
    return cell;
}

bool read_texts(Reader& reader, std::uint64_t rows, Vector& out)
{
    const auto sizes = reader.take(rows * sizeof(std::uint32_t));
    if (!sizes) {
        return false;
    }
    std::vector<std::uint32_t> lengths(rows);
    std::copy(sizes->begin(), sizes->end(), reinterpret_cast<char*>(lengths.data()));
    std::uint64_t all = 0;
    for (const auto length : lengths) {
        all += length;
    }
    reader.align();
    const auto texts = reader.take(all);
    if (!texts) {
        return false;
    }
    auto& held = out.texts.emplace_back(std::make_unique<char[]>(all));
    std::copy(texts->begin(), texts->end(), held.get());
    out.data.resize(rows * sizeof(Text));
    const char* next = held.get();
    for (std::uint64_t row = 0; row < rows; ++row) {
        const auto cell = text_cell(next, lengths[row]);
        std::memcpy(out.data.data() + row * sizeof cell, &cell, sizeof cell);
        next += lengths[row];
    }
    return true;
}

bool read_vector(Reader& reader, const Kept& type, std::uint64_t rows, Vector& out)
{
    reader.align();
    const auto valid = reader.take(words_for(rows) * sizeof(std::uint64_t));
    if (!valid) {
        return false;
    }
    out.validity.resize(words_for(rows));
    std::copy(valid->begin(), valid->end(), reinterpret_cast<char*>(out.validity.data()));
    if (type.type == TypeId::text) {
        return read_texts(reader, rows, out);
    }
    const auto cells = reader.take(rows * type.cell);
    if (cells) {
        out.data = copy(*cells);
    }
    return cells.has_value();
}

bool read_columns(Reader& reader, std::uint32_t count, std::vector<Column>& columns,
                  std::vector<const Kept*>& types)
{
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto code = reader.number<std::uint8_t>();
        const auto size = reader.number<std::uint32_t>();
        const auto name = size ? reader.take(*size) : std::nullopt;
        const auto* type = code ? kept_under(*code) : nullptr;
        if (!name || type == nullptr) {
            return false;
        }
        types.push_back(type);
        columns.push_back({std::string{*name}, Type{.id = type->type}});
    }
    return true;
}

}  // namespace

bool is_kept_type(TypeId type) noexcept
{
    return kept_as(type) != nullptr;
}

std::string table_bytes(const Table& table)
{
    std::string out{magic};
    put(out, std::uint64_t{table.rows()});
    put(out, static_cast<std::uint32_t>(table.columns().size()));
    for (const auto& column : table.columns()) {
        put(out, kept_as(column.type.id)->code);
        put(out, static_cast<std::uint32_t>(column.name.size()));
        out += column.name;
    }
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
        const auto& vector = table.vector(i);
        align(out);
        put_validity(out, table, vector);
        if (table.columns()[i].type.id == TypeId::text) {
            put_texts(out, table, vector);
        } else {
            put_cells(out, table, vector, kept_as(table.columns()[i].type.id)->cell);
        }
    }
    return out;
}

Result<Table> table_of(std::string_view bytes)
{
    const Error damaged{"the rows of a run are damaged"};
    Reader reader{bytes};
    if (reader.take(magic.size()) != magic) {
        return damaged;
    }
    const auto rows = reader.number<std::uint64_t>();
    const auto count = reader.number<std::uint32_t>();
    // A row of a column takes a byte at least: what says more is not to be believed.
    if (!rows || !count || *count > reader.left() || (*count > 0 && *rows > reader.left())) {
        return damaged;
    }
    std::vector<Column> columns;
    std::vector<const Kept*> types;
    if (!read_columns(reader, *count, columns, types)) {
        return damaged;
    }
    std::vector<Vector> vectors(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!read_vector(reader, *types[i], *rows, vectors[i])) {
            return damaged;
        }
    }
    return Table{std::move(columns), std::move(vectors), *rows};
}

}  // namespace gatehouse::sidecar
