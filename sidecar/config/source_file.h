// The text of one configuration file, and where in it things are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// A run of bytes in a file.
struct Token {
    std::size_t offset = 0;
    std::size_t length = 0;
};

struct Place {
    unsigned line = 1;    ///< from 1
    unsigned column = 1;  ///< from 1, in code points
};

/// The part of a line around a token, fit for a terminal: control characters and broken UTF-8 are
/// replaced.
struct Excerpt {
    std::string text;
    unsigned mark = 0;    ///< code points before the token
    unsigned length = 1;  ///< code points of the token on this line
};

class SourceFile {
public:
    /// `text` is the file's bytes; a byte order mark at its start is dropped.
    SourceFile(std::string path, std::string text);

    const std::string& path() const noexcept { return path_; }
    std::string_view text() const noexcept { return text_; }
    std::string_view text(Token token) const;

    /// Offsets past the end are the end.
    Place place(std::size_t offset) const;
    Excerpt excerpt(Token token) const;

    /// From now on excerpts show the bytes of this token, its quotes aside, as dots.
    void hide(Token token);
    /// The offset of a place; the inverse of place().
    std::size_t offset(Place place) const;

private:
    std::string shown(std::size_t from, std::size_t to) const;
    bool is_hidden(std::size_t offset) const;
    std::size_t line_index(std::size_t offset) const;
    std::string_view line(std::size_t index) const;

    std::string path_;
    std::string text_;
    std::vector<std::size_t> line_starts_;
    std::vector<Token> hidden_;
};

/// Code points in `text`; a byte that is not UTF-8 counts as one.
unsigned count_code_points(std::string_view text);

/// The offset of the first byte that is not part of well-formed UTF-8 (RFC 3629); npos when there
/// is none.
std::size_t first_broken_utf8(std::string_view text);

/// `text` with control characters and broken UTF-8 replaced by U+FFFD, tabs kept.
std::string printable(std::string_view text);

/// In double quotes, printable, cut to `longest` bytes: how messages quote what a file says.
std::string in_quotes(std::string_view text, std::size_t longest = 60);

/// A file's name in quotes, whole.
inline std::string path_in_quotes(std::string_view path)
{
    return in_quotes(path, 4096);
}

}  // namespace gatehouse::config
