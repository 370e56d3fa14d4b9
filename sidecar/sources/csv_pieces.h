// A CSV that only grows, read in pieces of whole records: where a piece ends, and the SQL that
// reads it. The first piece is read as any file is (sources.h); each is a document of its own
// (sidecar/base/document.h).
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/types.h"
#include "sidecar/sources/csv_text.h"
#include "src/base/result.h"

namespace gatehouse::sources {

/// Always stated: where it is not, DuckDB leaves out a last line that is longer than a buffer,
/// without a word.
inline constexpr std::uint64_t longest_line = 2'000'000;

/// How records are read, as the first piece shows: what later ones do not show by themselves.
struct CsvForm {
    struct Column {
        std::string name;
        std::string type;  ///< SQL type
    };

    Dialect dialect{};
    std::vector<Column> columns{};
    std::string dateformat{}, timestampformat{};  ///< strptime formats that were found; empty: ISO
};

/// What the source says, and what the first bytes show where it does not.
Dialect dialect_of(const config::Source& source, std::string_view head);

struct Record {
    std::string_view text;   ///< with its line end
    std::uint64_t line = 0;  ///< from 1
};

/// The records that have a line end.
std::vector<Record> records_of(std::string_view text, Dialect dialect);

struct WholeRecords {
    std::size_t bytes = 0;    ///< up to the line end of the last record that has one
    std::uint64_t lines = 0;  ///< in them
};

/// `skip` lines before the records count as whole, whatever is in them.
WholeRecords whole_records(std::string_view text, Dialect dialect, std::uint64_t skip = 0);

/// SQL that yields the strptime formats of dates and of timestamps in a first piece.
std::string formats_sql(const config::Source& source, const std::string& path, Dialect dialect);

/// SQL that reads a piece after the first. What does not fit a guess that was made of the first is
/// an error, as it is in csv_guess.h.
std::string later_piece(const config::Source& source, const std::string& path, const CsvForm& form);

}  // namespace gatehouse::sources
