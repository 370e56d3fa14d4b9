#include "sidecar/sources/csv_plain.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>
#include <vector>

#include "sidecar/base/vector_writer.h"
#include "sidecar/sources/csv_pieces.h"
#include "src/base/ascii.h"
#include "src/base/utf8.h"

namespace gatehouse::sources {
namespace {

constexpr std::size_t most_columns = 1000;

enum class Cell {
    empty,
    whole,
    decimal,
    exponent,  ///< a decimal number, unless among whole ones
    text,
    doubtful,  ///< a date, a truth value, a number in another form, …
};

std::size_t digits(std::string_view text) noexcept
{
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) {
        ++count;
    }
    return count;
}

/// Whether `e-05` or the like, of a number that a DOUBLE surely holds.
bool is_exponent(std::string_view text) noexcept
{
    text.remove_prefix(1);
    text.remove_prefix(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
    return !text.empty() && text.size() <= 2 && digits(text) == text.size();
}

/// `-12`, `0`, `1.50`, `1.5e-05`: no leading zeros, no more digits than a BIGINT surely holds.
Cell number(std::string_view text) noexcept
{
    constexpr std::size_t most_digits = 18;
    text.remove_prefix(text.front() == '-' ? 1 : 0);
    const std::size_t whole = digits(text);
    if (whole == 0 || whole > most_digits || (text.front() == '0' && whole > 1)) {
        return Cell::doubtful;
    }
    text.remove_prefix(whole);
    if (text.empty()) {
        return Cell::whole;
    }
    const std::size_t fraction = text.front() == '.' ? digits(text.substr(1)) : 0;
    if (text.front() == '.' && fraction == 0) {
        return Cell::doubtful;
    }
    text.remove_prefix(fraction > 0 ? fraction + 1 : 0);
    return text.empty()                                                        ? Cell::decimal
           : (text.front() == 'e' || text.front() == 'E') && is_exponent(text) ? Cell::exponent
                                                                               : Cell::doubtful;
}

/// Begins as no value of another type does.
bool is_surely_text(std::string_view text) noexcept
{
    // Of what begins with a letter: true, false, yes, no, nan, infinity, epoch, null.
    constexpr std::array<std::string_view, 8> values{"tru", "fal", "yes", "no",
                                                     "nan", "inf", "epo", "nul"};
    const auto first = static_cast<unsigned char>(text.front());
    const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    return (letter || first >= 0x80) && text.size() >= 3 &&
           std::none_of(values.begin(), values.end(), [&](std::string_view value) {
               return equals_ignoring_case(text.substr(0, value.size()), value);
           });
}

Cell kind_of(std::string_view text) noexcept
{
    if (text.empty()) {
        return Cell::empty;
    }
    return is_digit(text.front()) || text.front() == '-' ? number(text)
           : is_surely_text(text)                        ? Cell::text
                                                         : Cell::doubtful;
}

/// What is known of a column's cells.
struct Seen {
    bool whole = false, decimal = false, exponent = false, text = false, doubtful = false;

    void add(Cell cell) noexcept
    {
        whole |= cell == Cell::whole;
        decimal |= cell == Cell::decimal;
        exponent |= cell == Cell::exponent;
        text |= cell == Cell::text;
        doubtful |= cell == Cell::doubtful;
    }

    /// One cell of text makes text of all; empty: nobody knows.
    std::string_view type() const noexcept
    {
        return text                              ? "VARCHAR"
               : doubtful                        ? ""
               : decimal || (exponent && !whole) ? "DOUBLE"
               : whole && !exponent              ? "BIGINT"
                                                 : "";
    }
};

/// Lines that all end alike, none of them empty or too long.
class Lines {
public:
    explicit Lines(std::string_view text) noexcept
        : text_(text), carriage_(text.substr(0, text.find('\n')).ends_with('\r'))
    {
    }

    bool next(std::string_view& line) noexcept
    {
        const auto end = text_.find('\n');
        line = text_.substr(0, end);
        text_.remove_prefix(end == text_.npos ? text_.size() : end + 1);
        if (carriage_ && line.ends_with('\r')) {
            line.remove_suffix(1);
        } else if (carriage_ && end != text_.npos) {
            return false;
        }
        return !line.empty() && line.size() <= longest_line && line.find('\r') == line.npos;
    }

    bool at_end() const noexcept { return text_.empty(); }

private:
    std::string_view text_;
    bool carriage_;
};

std::string in_lower_case(std::string_view text)
{
    std::string out(text.size(), '\0');
    std::transform(text.begin(), text.end(), out.begin(), to_lower);
    return out;
}

/// Appends the line's fields; returns how many they are.
std::size_t split(std::string_view line, char delimiter, std::vector<std::string_view>& to)
{
    const std::size_t before = to.size();
    for (auto end = line.find(delimiter); end != line.npos; end = line.find(delimiter)) {
        to.push_back(line.substr(0, end));
        line.remove_prefix(end + 1);
    }
    to.push_back(line);
    return to.size() - before;
}

/// Nothing is empty, padded, or there already.
bool are_names(const std::vector<std::string_view>& fields)
{
    std::set<std::string> seen;
    return std::all_of(fields.begin(), fields.end(), [&](std::string_view name) {
        return !name.empty() && name.front() != ' ' && name.back() != ' ' &&
               seen.insert(in_lower_case(name)).second;
    });
}

/// And no NUL.
bool is_utf8(std::string_view text) noexcept
{
    if (std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; })) {
        return text.find('\0') == text.npos;
    }
    while (!text.empty()) {
        const auto step = utf8_step(text);
        if (!step.valid || text.front() == '\0') {
            return false;
        }
        text.remove_prefix(step.size);
    }
    return true;
}

sidecar::Type type_of(std::string_view sql_type)
{
    using sidecar::TypeId;
    return {.id = sql_type == "BIGINT"   ? TypeId::int64
                  : sql_type == "DOUBLE" ? TypeId::float64
                                         : TypeId::text};
}

template <class Number>
void add_number(std::string_view field, sidecar::VectorWriter& to)
{
    Number number{};
    std::from_chars(field.data(), field.data() + field.size(), number);
    to.cell(number);
}

/// REQUIRES: the field is plainly of the writer's type.
void add_field(std::string_view field, sidecar::VectorWriter& to)
{
    using sidecar::TypeId;
    if (field.empty()) {
        to.null();
    } else if (to.type().id == TypeId::int64) {
        add_number<std::int64_t>(field, to);
    } else if (to.type().id == TypeId::float64) {
        add_number<double>(field, to);
    } else {
        to.text(field);
    }
}

/// A text as fields, row by row, and the columns that they make.
struct Plain {
    SqlColumns columns;
    std::vector<std::string_view> fields;
};

std::optional<Plain> read_plain(std::string_view text, char delimiter, char quote)
{
    Plain plain;
    std::vector<std::string_view> names;
    Lines lines{text};
    std::string_view line;
    if (text.find(quote) != text.npos || !is_utf8(text) || !lines.next(line) ||
        split(line, delimiter, names) > most_columns || !are_names(names)) {
        return std::nullopt;
    }
    std::vector<Seen> seen(names.size());
    while (!lines.at_end()) {
        if (!lines.next(line) || split(line, delimiter, plain.fields) != names.size()) {
            return std::nullopt;
        }
        const auto* row = plain.fields.data() + (plain.fields.size() - names.size());
        for (std::size_t i = 0; i < names.size(); ++i) {
            seen[i].add(kind_of(row[i]));
        }
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (seen[i].type().empty()) {
            return std::nullopt;
        }
        plain.columns.emplace_back(names[i], seen[i].type());
    }
    return plain;
}

}  // namespace

std::optional<SqlColumns> plain_columns(std::string_view text, char delimiter, char quote)
{
    auto plain = read_plain(text, delimiter, quote);
    return plain ? std::optional{std::move(plain->columns)} : std::nullopt;
}

std::optional<sidecar::Table> plain_table(std::string_view text, char delimiter, char quote)
{
    const auto plain = read_plain(text, delimiter, quote);
    if (!plain) {
        return std::nullopt;
    }
    const std::size_t width = plain->columns.size();
    std::vector<sidecar::Column> columns;
    std::vector<sidecar::Vector> vectors;
    for (std::size_t i = 0; i < width; ++i) {
        const auto& [name, type] = plain->columns[i];
        sidecar::VectorWriter writer{type_of(type)};
        for (std::size_t at = i; at < plain->fields.size(); at += width) {
            add_field(plain->fields[at], writer);
        }
        columns.push_back({name, writer.type()});
        vectors.push_back(std::move(writer).finish());
    }
    return sidecar::Table{std::move(columns), std::move(vectors), plain->fields.size() / width};
}

}  // namespace gatehouse::sources
