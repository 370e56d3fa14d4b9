// What can be said of a CSV from its first bytes, before DuckDB reads it whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::sources {

struct Dialect {
    char delimiter = ',';
    char quote = '"';
    char escape = '"';
};

/// The one of `,` `;` tab `|` that the first line has most of outside quotes; `,` when it has none.
char guess_delimiter(std::string_view text, char quote) noexcept;

/// Why these cannot be the first bytes of a UTF-8 or Latin-1 CSV, if they cannot: UTF-16, NUL
/// bytes.
std::optional<std::string> not_text(std::string_view head);

bool is_big_endian_utf16(std::string_view head) noexcept;

/// Reads records one by one. A record cut off by the end of the text counts as one.
class CsvRecords {
public:
    CsvRecords(std::string_view text, Dialect dialect) noexcept : text_(text), dialect_(dialect) {}

    /// Moves to the next record that is not an empty line. False at the end of the text.
    bool next();

    std::uint64_t line() const noexcept { return line_; }  ///< where the record starts, from 1
    std::size_t fields() const noexcept { return fields_; }
    bool ended() const noexcept { return ended_; }    ///< false: cut off by the end of the text
    std::size_t end() const noexcept { return at_; }  ///< where the record ends, in the text
    std::string_view raw() const noexcept { return raw_; }

    /// The record's fields without their quotes.
    std::vector<std::string> values() const;

private:
    void read_record();

    std::string_view text_, raw_;
    Dialect dialect_;
    std::size_t at_ = 0, fields_ = 0;
    std::uint64_t line_ = 0, next_line_ = 1;
    bool ended_ = false;
};

struct Ragged {
    std::uint64_t line;
    std::size_t fields, expected;
};

/// The first record that has not as many fields as the first one; `skip` lines are left out before
/// it.
std::optional<Ragged> first_ragged(std::string_view text, Dialect dialect, std::uint64_t skip);

/// Number of the first line of more than `bytes` bytes.
std::optional<std::uint64_t> first_longer_line(std::string_view text, std::size_t bytes) noexcept;

/// The text after its first `lines` lines.
std::string_view without_lines(std::string_view text, std::uint64_t lines) noexcept;

}  // namespace gatehouse::sources
