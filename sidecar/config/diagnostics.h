// What is wrong with a configuration: every finding with its place, collected, then printed at
// once. Thread safety: none; one list belongs to one load.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::config {

enum class Severity { error, warning };

struct Diagnostic {
    Severity severity = Severity::error;
    std::string file;
    unsigned line = 0;    ///< from 1; 0: the file as a whole
    unsigned column = 0;  ///< from 1, in code points
    unsigned length = 0;  ///< code points to underline
    std::string message;
    std::string source_line;  ///< the line, or the part of a long one around the column; printable
    unsigned mark = 0;        ///< where in source_line the underline starts, from 0
    std::string pointer;      ///< RFC 6901 pointer of the value; empty: the document
    std::string hint;         ///< follows the message: `did you mean "interval"?`
};

/// Keeps the first `max_kept`; stages may stop when it is full. A megabyte of mistakes must not
/// become a gigabyte of messages.
struct Diagnostics {
    static constexpr std::size_t max_kept = 200;

    std::vector<Diagnostic> list;
    std::size_t errors = 0;
    std::size_t warnings = 0;
    std::size_t files = 0;  ///< files read

    bool ok() const noexcept { return errors == 0; }
    bool full() const noexcept { return list.size() >= max_kept; }
    void add(Diagnostic diagnostic);
    /// By file, line and column; findings at one place keep their order.
    void sort();
};

/// For people: `FILE:LINE:COL: error: …`, the source line, its underline, and a last line that
/// counts. An empty list prints as an empty string.
std::string print(const Diagnostics& diagnostics, bool colour);

/// For programs: `{"errors": N, "warnings": N, "files": N, "diagnostics": [{"severity": …, "file":
/// …, …}]}`.
std::string print_json(const Diagnostics& diagnostics);

/// The last line alone: `2 errors, 1 warning in 3 files`; `1 error` when no file could be read.
std::string summary(const Diagnostics& diagnostics);

}  // namespace gatehouse::config
