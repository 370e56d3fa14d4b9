// kind "csv".
//
// DuckDB guesses what it is not told, and a guess can drop rows: it takes a first line that does
// not fit for a preamble. So delimiter, quote, escape, header and skip are always stated; only
// column types are guessed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "sidecar/sources/csv_call.h"
#include "sidecar/sources/csv_guess.h"
#include "sidecar/sources/csv_plain.h"
#include "sidecar/sources/csv_text.h"
#include "sidecar/sources/kind.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sources {
namespace {

constexpr std::size_t head_bytes = 64 << 10;

/// Up to here all rows are looked at before types are decided on.
constexpr std::uint64_t wholly_sampled_bytes = 4 << 20;

/// What is looked at here of a larger file, before DuckDB is asked to guess.
constexpr std::size_t first_rows_bytes = 8 << 20;

/// How much of a file that DuckDB refused is searched for the reason.
constexpr std::size_t diagnosed_bytes = 64 << 20;

std::string read_head(const FileStamp& file, std::size_t most)
{
    const UniqueFd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
    const std::size_t bytes = std::min<std::uint64_t>(most, file.bytes);
    std::string head(bytes, '\0');
    std::size_t held = 0;
    while (fd && held < bytes) {
        const ssize_t got = ::read(fd.get(), head.data() + held, bytes - held);
        if (got <= 0) {
            break;
        }
        held += static_cast<std::size_t>(got);
    }
    head.resize(held);
    return head;
}

std::string_view without_mark(std::string_view head) noexcept
{
    if (head.starts_with("\xef\xbb\xbf")) {
        head.remove_prefix(3);
    }
    return head;
}

bool is_compressed(std::string_view path) noexcept
{
    return path.ends_with(".gz") || path.ends_with(".zst");
}

bool is_utf16(const config::Source& source) noexcept
{
    return source.csv.encoding == "utf-16";
}

/// Whether the file's bytes are its characters, so that they can be looked at here.
bool is_plain(const config::Source& source, std::string_view path) noexcept
{
    return !is_compressed(path) && !is_utf16(source);
}

/// Delimiters of several characters are left to DuckDB.
bool has_simple_delimiter(const config::Source& source) noexcept
{
    return source.csv.delimiter.value_or(",").size() == 1;
}

/// DuckDB takes stated columns by position: a file whose header says otherwise would be
/// mislabelled.
std::optional<std::string> header_differs(const config::Source& source, std::string_view head,
                                          Dialect dialect)
{
    if (source.columns.empty() || !source.csv.header.value_or(true) ||
        !has_simple_delimiter(source)) {
        return std::nullopt;
    }
    CsvRecords records(without_lines(head, source.csv.skip.value_or(0)), dialect);
    const std::vector<std::string> names =
        records.next() ? records.values() : std::vector<std::string>{};
    for (std::size_t i = 0; i < source.columns.size(); ++i) {
        const std::string found = i < names.size() ? "\"" + names[i] + "\"" : "missing";
        if (i >= names.size() || names[i] != source.columns[i].first) {
            return "column " + std::to_string(i + 1) + " of the header is " + found + ", not \"" +
                   source.columns[i].first + "\" as \"columns\" says";
        }
    }
    return std::nullopt;
}

/// Why the file cannot be such a CSV, if it cannot. The first file decides the dialect.
std::optional<std::string> objection(const config::Source& source, std::string_view head,
                                     std::optional<Dialect>& dialect)
{
    if (is_utf16(source)) {
        return is_big_endian_utf16(head)
                   ? std::optional(
                         "is big-endian UTF-16, which cannot be read; convert it, as with "
                         "iconv -f UTF-16 -t UTF-8")
                   : std::nullopt;
    }
    if (auto reason = not_text(head)) {
        return reason;
    }
    head = without_mark(head);
    dialect = dialect ? dialect : dialect_of(source, head);
    if (!CsvRecords(without_lines(head, source.csv.skip.value_or(0)), *dialect).next()) {
        return "has no line that is not empty; it should begin with a header";
    }
    return header_differs(source, head, *dialect);
}

/// The dialect of all files; fails at the first one that cannot be such a CSV.
Result<Dialect> inspect(const config::Source& source, const Fingerprint& files)
{
    std::optional<Dialect> dialect;
    for (const FileStamp& file : files.files) {
        if (is_compressed(file.path)) {
            continue;
        }
        if (auto reason = objection(source, read_head(file, head_bytes), dialect)) {
            return Error{file.path + ": " + *reason};
        }
    }
    return dialect.value_or(dialect_of(source, {}));
}

/// The columns that directories called column=value stand for: those of the first file's path, as
/// all must have the same.
std::set<std::string> partition_columns(const config::Source& source, const Fingerprint& files)
{
    std::set<std::string> names;
    if (!source.hive_partitioning.value_or(false)) {
        return names;
    }
    for (const auto& part : std::filesystem::path(files.files.front().path).parent_path()) {
        const std::string text = part.string();
        if (const auto equals = text.find('='); equals != text.npos) {
            names.insert(text.substr(0, equals));
        }
    }
    return names;
}

/// Whether DuckDB can look at every row before it decides on types, at little cost.
bool is_read_whole(const Fingerprint& files)
{
    return files.files.size() == 1 && files.bytes() <= wholly_sampled_bytes &&
           !is_compressed(files.files.front().path);
}

/// Whether nothing is said about how the file's cells are to be read.
bool has_usual_cells(const config::Source& source)
{
    auto usual = config::CsvOptions{};
    usual.delimiter = source.csv.delimiter;
    usual.quote = source.csv.quote;
    usual.escape = source.csv.escape;
    usual.header = source.csv.header.value_or(true) ? source.csv.header : std::nullopt;
    return source.csv == usual && source.types.empty() && !source.filename.value_or(false) &&
           !source.hive_partitioning.value_or(false) && has_simple_delimiter(source);
}

/// REQUIRES: is_read_whole.
std::optional<sidecar::Table> rows_beyond_doubt(const config::Source& source,
                                                const Fingerprint& files, Dialect dialect)
{
    if (!has_usual_cells(source) || dialect.quote == '\0') {
        return std::nullopt;
    }
    const std::string text = read_head(files.files.front(), files.bytes());
    return text.size() == files.bytes()
               ? plain_table(without_mark(text), dialect.delimiter, dialect.quote)
               : std::nullopt;
}

/// A larger file whose first rows leave no doubt about its types: where rows are wide, DuckDB takes
/// longer to guess than to read.
std::optional<std::string> types_beyond_doubt(const config::Source& source,
                                              const Fingerprint& files, Dialect dialect, Call read)
{
    if (files.files.size() != 1 || is_compressed(files.files.front().path) ||
        !has_usual_cells(source) || dialect.quote == '\0') {
        return std::nullopt;
    }
    const std::string head = read_head(files.files.front(), first_rows_bytes);
    const std::string_view text = without_mark(head);
    auto columns =
        plain_columns(text.substr(0, text.rfind('\n') + 1), dialect.delimiter, dialect.quote);
    if (!columns) {
        return std::nullopt;
    }
    read.flag("auto_detect", false);
    return confirmed(source, std::move(read), std::move(*columns));
}

Result<sidecar::Relation> read_csv(const config::Source& source, const Fingerprint& files)
{
    const Result<Dialect> dialect = inspect(source, files);
    if (!dialect) {
        return dialect.error();
    }
    Call read = csv_call(source, Call("read_csv", files), *dialect);
    if (!source.columns.empty()) {
        read.flag("auto_detect", false).columns("columns", source.columns);
        return sidecar::Relation{.sql = read.sql()};
    }
    const Call without_types = read;
    read.columns("types", source.types);
    if (is_read_whole(files)) {
        sidecar::Relation whole{.sql = read.option("sample_size", "-1").sql()};
        if (auto rows = rows_beyond_doubt(source, files, *dialect)) {
            whole.rows.push_back(std::move(*rows));
        }
        return whole;
    }
    if (auto sql = types_beyond_doubt(source, files, *dialect, without_types)) {
        return sidecar::Relation{.sql = std::move(*sql)};
    }
    if (source.csv.ignore_errors.value_or(false)) {
        return sidecar::Relation{.sql = read.sql()};
    }
    return sidecar::Relation{
        .sql = read.sql(),
        .confirm = confirmation(source, without_types, partition_columns(source, files))};
}

std::optional<std::string> explain(const config::Source& source, const Fingerprint& files)
{
    for (const FileStamp& file : files.files) {
        if (!is_plain(source, file.path) || source.csv.ignore_errors.value_or(false)) {
            continue;
        }
        const std::string bytes = read_head(file, diagnosed_bytes);
        const std::string_view text = without_mark(bytes);
        if (auto reason = not_text(text)) {
            return file.path + ": " + *reason;
        }
        if (auto line = first_longer_line(text, longest_line)) {
            return file.path + ": line " + std::to_string(*line) + " is longer than " +
                   std::to_string(longest_line) +
                   " bytes; is a quote not closed, or the file no CSV?";
        }
        const Dialect dialect = dialect_of(source, text);
        const auto at = has_simple_delimiter(source)
                            ? first_ragged(text, dialect, source.csv.skip.value_or(0))
                            : std::nullopt;
        if (at) {
            return file.path + ": line " + std::to_string(at->line) + " has " +
                   std::to_string(at->fields) + " columns, the first has " +
                   std::to_string(at->expected) +
                   "; correct it, quoting values that hold the delimiter, or leave out such lines "
                   "with \"ignore_errors\": true";
        }
    }
    return std::nullopt;
}

}  // namespace

const Kind csv{"csv", read_csv, explain};

}  // namespace gatehouse::sources
