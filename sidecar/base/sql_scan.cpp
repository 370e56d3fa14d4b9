#include "sidecar/base/sql_scan.h"

#include <algorithm>

#include "src/base/ascii.h"

namespace gatehouse::sidecar {
namespace {

using Kind = SqlPieceKind;

bool starts_name(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) noexcept
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Bytes of the longest start of `text` whose bytes from `from` on all fit.
template <class Fits>
std::size_t run(std::string_view text, std::size_t from, Fits fits)
{
    const auto end = std::find_if_not(text.begin() + static_cast<long>(from), text.end(), fits);
    return static_cast<std::size_t>(end - text.begin());
}

std::size_t through(std::string_view text, std::string_view end, std::size_t from) noexcept
{
    const std::size_t at = text.find(end, from);
    return at == text.npos ? text.size() : at + end.size();
}

/// DuckDB and PostgreSQL end it at a carriage return, too.
std::size_t line_comment(std::string_view text) noexcept
{
    return std::min(text.find_first_of("\r\n"), text.size());
}

std::size_t block_comment(std::string_view text) noexcept
{
    std::size_t depth = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '/' && text[i + 1] == '*') {
            ++depth;
            ++i;
        } else if (text[i] == '*' && text[i + 1] == '/') {
            ++i;
            if (--depth == 0) {
                return i + 1;
            }
        }
    }
    return text.size();
}

/// From the opening quote at `from`; a doubled quote stands for itself.
std::size_t quoted(std::string_view text, std::size_t from, bool backslashes) noexcept
{
    const char quote = text[from];
    for (std::size_t i = from + 1; i < text.size(); ++i) {
        const bool doubled = i + 1 < text.size() && text[i + 1] == quote;
        if (text[i] == quote && !doubled) {
            return i + 1;
        }
        if (text[i] == quote || (backslashes && text[i] == '\\')) {
            ++i;
        }
    }
    return text.size();
}

/// `$tag$…$tag$`, `$name`, `$1` or a lone `$`.
SqlPiece dollar(std::string_view text)
{
    const auto in_name = [](char c) { return starts_name(c) || is_digit(c); };
    const std::size_t end = run(text, 1, in_name);
    const bool tag = end == 1 || !is_digit(text[1]);
    if (tag && end < text.size() && text[end] == '$') {
        return {Kind::text, text.substr(0, through(text, text.substr(0, end + 1), end + 1))};
    }
    return {end == 1 ? Kind::symbol : Kind::parameter, text.substr(0, end)};
}

SqlPiece word(std::string_view text)
{
    const std::size_t end =
        run(text, 1, [](char c) { return starts_name(c) || is_digit(c) || c == '$'; });
    if (end == 1 && (text[0] == 'e' || text[0] == 'E') && text.size() > 1 && text[1] == '\'') {
        return {Kind::text, text.substr(0, quoted(text, 1, true))};
    }
    return {Kind::word, text.substr(0, end)};
}

SqlPiece first_piece(std::string_view text)
{
    const char c = text.front();
    if (is_space(c)) {
        return {Kind::space, text.substr(0, run(text, 1, is_space))};
    }
    if (text.starts_with("--")) {
        return {Kind::comment, text.substr(0, line_comment(text))};
    }
    if (text.starts_with("/*")) {
        return {Kind::comment, text.substr(0, block_comment(text))};
    }
    if (c == '\'') {
        return {Kind::text, text.substr(0, quoted(text, 0, false))};
    }
    if (c == '"') {
        return {Kind::quoted_name, text.substr(0, quoted(text, 0, false))};
    }
    if (c == '$') {
        return dollar(text);
    }
    if (starts_name(c)) {
        return word(text);
    }
    if (is_digit(c)) {
        const auto in_number = [](char d) { return starts_name(d) || is_digit(d) || d == '.'; };
        return {Kind::number, text.substr(0, run(text, 1, in_number))};
    }
    return {Kind::symbol, text.substr(0, 1)};
}

std::string unquoted(std::string_view text)
{
    std::string name;
    for (std::size_t i = 1; i < text.size() && !(i + 1 == text.size() && text[i] == '"'); ++i) {
        name += text[i];
        i += text[i] == '"' ? 1 : 0;
    }
    return name;
}

std::string folded(std::string_view name)
{
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
    return lower;
}

}  // namespace

std::vector<SqlPiece> sql_pieces(std::string_view sql)
{
    std::vector<SqlPiece> pieces;
    while (!sql.empty()) {
        pieces.push_back(first_piece(sql));
        sql.remove_prefix(pieces.back().text.size());
    }
    return pieces;
}

std::string name_in(const SqlPiece& piece)
{
    return piece.kind == Kind::quoted_name ? unquoted(piece.text) : folded(piece.text);
}

std::string folded_name_in(const SqlPiece& piece)
{
    return folded(name_in(piece));
}

std::string_view without_end(std::string_view sql)
{
    const std::vector<SqlPiece> pieces = sql_pieces(sql);
    const auto last = std::find_if(pieces.rbegin(), pieces.rend(), [](const SqlPiece& piece) {
        return piece.kind != Kind::space && piece.kind != Kind::comment && piece.text != ";";
    });
    if (last == pieces.rend()) {
        return {};
    }
    return sql.substr(0,
                      static_cast<std::size_t>(last->text.data() + last->text.size() - sql.data()));
}

}  // namespace gatehouse::sidecar
