#include "sidecar/app/growing_file.h"

#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "sidecar/base/gather.h"
#include "sidecar/base/sql_text.h"
#include "sidecar/base/table_builder.h"
#include "sidecar/base/units.h"

namespace gatehouse::app {

namespace {

using sidecar::Relation;
using sidecar::Table;
using sources::OpenFile;

/// Of the first piece every row is looked at before types are decided on.
constexpr std::uint64_t first_piece_bytes = 4 << 20;

/// As many as keep DuckDB's threads busy, and cost little memory beside the rows.
constexpr std::uint64_t piece_bytes = 32 << 20;

constexpr std::uint64_t tail_bytes = 4096;

/// From here on, what it costs to begin with another table is nothing beside its rows.
constexpr std::uint64_t rows_of_a_large_part = 1 << 16;

std::string bytes_of(const OpenFile& file, std::uint64_t from, std::uint64_t most)
{
    std::string bytes(std::min(most, file.stamp.bytes - from), '\0');
    std::size_t held = 0;
    while (held < bytes.size()) {
        const auto got = ::pread(file.fd.get(), bytes.data() + held, bytes.size() - held,
                                 static_cast<off_t>(from + held));
        if (got <= 0) {
            break;
        }
        held += static_cast<std::size_t>(got);
    }
    bytes.resize(held);
    return bytes;
}

std::uint64_t tail_before(const OpenFile& file, std::uint64_t end)
{
    const auto size = std::min(end, tail_bytes);
    const auto bytes = bytes_of(file, end - size, size);
    return XXH3_64bits(bytes.data(), bytes.size());
}

Table joined(const Table& one, const Table& other)
{
    sidecar::TableBuilder builder{one.columns()};
    for (const auto& part : {sidecar::compacted(one), sidecar::compacted(other)}) {
        builder.append(sidecar::views_of(part), part.rows());
    }
    return std::move(builder).finish();
}

std::string text_in(const Table& table, std::size_t column, std::uint64_t row)
{
    return std::string{table.vector(column).cell<sidecar::Text>(table.position(row)).view()};
}

/// Removes all up to and with `mark`, where there is one.
void drop_through(std::string& text, const std::string& mark)
{
    if (const auto at = text.find(mark); at != text.npos) {
        text.erase(0, at + mark.size());
    }
}

std::uint64_t bytes_in(const std::vector<Table>& tables)
{
    std::uint64_t sum = 0;
    for (const auto& table : tables) {
        sum += table.bytes();
    }
    return sum;
}

}  // namespace

Result<std::shared_ptr<GrowingFile>> GrowingFile::create()
{
    auto piece = sidecar::Document::create();
    if (!piece) {
        return piece.error();
    }
    return std::shared_ptr<GrowingFile>(new GrowingFile(std::move(*piece)));
}

Result<GrowingFile::Reading> GrowingFile::read(const config::Source& source, const Query& query,
                                               std::uint64_t most_bytes)
{
    const std::lock_guard lock{mutex_};
    const auto file = sources::open_file(source.paths.front());
    if (!file) {
        return file.error();
    }
    if (!is_same(*file)) {
        forget();
        place_.device = file->stamp.device;
        place_.inode = file->stamp.inode;
    }
    for (bool more = true; more;) {
        const auto read = read_piece(source, *file, query);
        if (!read) {
            return read.error();
        }
        if (bytes_in(parts_) > most_bytes) {
            forget();
            return Error{source.paths.front() + ": its rows take more than " +
                         sidecar::format_size(most_bytes) +
                         "; begin another file before it is so large, or raise \"memory_limit\" "
                         "of \"engine\""};
        }
        more = *read;
    }
    return Reading{file->stamp, parts_};
}

bool GrowingFile::is_same(const OpenFile& file) const
{
    return place_.end > 0 && file.stamp.device == place_.device &&
           file.stamp.inode == place_.inode && file.stamp.bytes >= place_.end &&
           tail_before(file, place_.end) == place_.tail;
}

void GrowingFile::forget()
{
    place_ = {};
    form_ = {};
    parts_.clear();
}

/// Whether there may be another one.
Result<bool> GrowingFile::read_piece(const config::Source& source, const OpenFile& file,
                                     const Query& query)
{
    const bool is_first = place_.end == 0;
    const auto most = is_first ? first_piece_bytes : piece_bytes;
    const auto text = bytes_of(file, place_.end, most);
    if (is_first) {
        form_.dialect = sources::dialect_of(source, text);
    }
    const auto whole =
        sources::whole_records(text, form_.dialect, is_first ? source.csv.skip.value_or(0) : 0);
    const auto line = std::to_string(place_.lines + whole.lines + 1);
    if (text.size() - whole.bytes > sources::longest_line) {
        return Error{file.stamp.path + ": line " + line + " is longer than " +
                     std::to_string(sources::longest_line) +
                     " bytes; is a quote not closed, or the file no CSV?"};
    }
    if (whole.bytes == 0) {
        return is_first ? Result<bool>{Error{file.stamp.path + ": has no whole line yet"}} : false;
    }
    const auto piece = std::string_view{text}.substr(0, whole.bytes);
    auto table = is_first ? first(source, piece, query) : later(source, piece, query);
    if (!table) {
        return table.error();
    }
    if (is_first && table->rows() == 0) {
        parts_ = {std::move(*table)};  // nothing tells types yet: not the first one
        return false;
    }
    keep(std::move(*table));
    place_.end += whole.bytes;
    place_.lines += whole.lines;
    place_.tail = tail_before(file, place_.end);
    return text.size() == most;
}

Result<Table> GrowingFile::first(const config::Source& source, std::string_view text,
                                 const Query& query)
{
    const auto put = piece_->put(text, 0);
    if (!put) {
        return put.error();
    }
    const sources::Fingerprint files{{{.path = piece_->path(), .bytes = text.size()}}};
    const auto relation = sources::relation(source, files);
    auto table = relation
                     ? query("SELECT * FROM " + sidecar::sql_identifier(source.name), *relation)
                     : relation.error();
    if (table) {
        const auto learned = learn_form(source, *relation, query);
        return learned ? std::move(table) : learned.error();
    }
    auto message = table.error().message;
    drop_through(message, "source \"" + source.name + "\": ");
    for (auto at = message.find(piece_->path()); at != message.npos;
         at = message.find(piece_->path())) {
        message.replace(at, piece_->path().size(), source.paths.front());
    }
    return Error{message};
}

Result<void> GrowingFile::learn_form(const config::Source& source, const Relation& relation,
                                     const Query& query)
{
    form_.columns.clear();
    const auto columns = query("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " +
                                   sidecar::sql_identifier(source.name) + ")",
                               relation);
    if (!columns) {
        return columns.error();
    }
    for (std::uint64_t row = 0; row < columns->rows(); ++row) {
        form_.columns.push_back({text_in(*columns, 0, row), text_in(*columns, 1, row)});
    }
    const auto formats =
        query(sources::formats_sql(source, piece_->path(), form_.dialect), relation);
    if (!formats) {
        return formats.error();
    }
    form_.dateformat = text_in(*formats, 0, 0);
    form_.timestampformat = text_in(*formats, 1, 0);
    return {};
}

Result<Table> GrowingFile::later(const config::Source& source, std::string_view text,
                                 const Query& query)
{
    const auto read = [&](std::string_view piece) -> Result<Table> {
        const auto put = piece_->put(piece, 0);
        if (!put) {
            return put.error();
        }
        return query("SELECT * FROM " + sidecar::sql_identifier(source.name),
                     {.name = source.name,
                      .sql = sources::later_piece(source, piece_->path(), form_),
                      .files = may_open(source)});
    };
    auto table = read(text);
    return table ? std::move(table) : blamed(source, text, table.error(), read);
}

/// The error of the first record that cannot be read, found by halves.
Error GrowingFile::blamed(const config::Source& source, std::string_view text, const Error& error,
                          const ReadText& read) const
{
    const auto records = sources::records_of(text, form_.dialect);
    std::size_t low = 0, high = records.size();
    std::string message = error.message;
    while (low < high) {
        const auto middle = low + (high - low + 1) / 2;
        const auto* const begin = records[low].text.data();
        const auto* const end = records[middle - 1].text.data() + records[middle - 1].text.size();
        const auto half = read({begin, static_cast<std::size_t>(end - begin)});
        if (half) {
            low = middle;
            continue;
        }
        message = half.error().message;
        if (middle == low + 1) {
            break;
        }
        high = middle;
    }
    if (low == records.size()) {
        return {source.paths.front() + ": " + message};
    }
    drop_through(message, "source \"" + source.name + "\": ");
    drop_through(message, piece_->path() + ": line 1: ");
    return {source.paths.front() + ": line " + std::to_string(place_.lines + records[low].line) +
            ": " + message};
}

void GrowingFile::keep(Table table)
{
    parts_.push_back(std::move(table));
    for (auto last = parts_.size() - 1; last > 0; --last) {
        auto& before = parts_[last - 1];
        if (before.rows() >= rows_of_a_large_part || parts_[last].rows() * 2 < before.rows()) {
            break;
        }
        before = joined(before, parts_[last]);
        parts_.pop_back();
    }
}

}  // namespace gatehouse::app
