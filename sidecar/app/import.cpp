#include "sidecar/app/import.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>

#include "sidecar/base/json_rows.h"
#include "sidecar/base/process_memory.h"
#include "sidecar/base/table_bytes.h"
#include "sidecar/engine/ingest.h"
#include "sidecar/sources/sources.h"

namespace gatehouse::app {

namespace {

constexpr std::chrono::minutes read_limit{10};

/// An upload is read beside the cards, and must not starve them.
constexpr std::uint64_t most_memory = 512 << 20;

config::Source source_of(const datasets::Import& import)
{
    using Format = datasets::UploadFormat;
    config::Source source;
    source.name = "upload";
    source.paths = import.files;
    switch (import.format) {
    case Format::csv:
        source.kind = "csv";
        // What is text in the dataset stays as it is written: 007 is no number.
        std::copy_if(import.expected.begin(), import.expected.end(),
                     std::back_inserter(source.types),
                     [](const auto& column) { return column.second == "VARCHAR"; });
        break;
    case Format::ndjson:
        source.kind = "json";
        source.json_format = "newline_delimited";
        break;
    case Format::parquet: source.kind = "parquet"; break;
    }
    return source;
}

/// Who sends data can change them, not how they are read: the configuration's words are not his.
std::string without_remedy(std::string message)
{
    for (const std::string_view remedy :
         {"; correct it, quoting", "; state its", "; say so with", " Try ", " Possible fixes"}) {
        message.resize(std::min(message.find(remedy), message.size()));
    }
    return message;
}

/// DuckDB's words for a text column of the dataset that a CSV has not.
std::optional<std::string> missing_columns(const std::string& message)
{
    constexpr std::string_view before = "Columns with names: ", behind = " do not exist";
    const auto from = message.find(before);
    const auto end = message.find(behind);
    if (from == message.npos || end == message.npos || end < from) {
        return std::nullopt;
    }
    const auto start = from + before.size();
    return "the column " + message.substr(start, end - start) + " is missing";
}

/// DuckDB's words, and ours.
bool is_about_memory(const std::string& message)
{
    constexpr std::string_view words[] = {"Out of Memory",     "in-memory mode",
                                          "needs more memory", "ailed to allocate",
                                          "ould not allocate", "bad_alloc"};
    return std::any_of(std::begin(words), std::end(words),
                       [&](std::string_view word) { return message.find(word) != message.npos; });
}

/// Nobody knows our files by their names.
datasets::Failure about_upload(std::string message, const config::Source& source)
{
    if (is_about_memory(message)) {
        return {413,
                "reading it takes more memory than an upload may have; send fewer columns, "
                "or the rows in several uploads"};
    }
    if (auto missing = missing_columns(message)) {
        return {422, std::move(*missing)};
    }
    for (const std::string& path : source.paths) {
        for (auto at = message.find(path); at != message.npos; at = message.find(path)) {
            message.replace(at, path.size(), "the upload");
        }
    }
    message = without_remedy(std::move(message));
    message +=
        message.ends_with("is UTF-16") || message.ends_with("is not UTF-8") ? "; send UTF-8" : "";
    constexpr std::string_view prefix = "source \"upload\": ";
    if (message.starts_with(prefix)) {
        message.erase(0, prefix.size());
    }
    return {422, std::move(message)};
}

/// Of NDJSON. DuckDB takes no longer objects, and reading one takes several times as much memory.
constexpr std::streamsize longest_line = 16 << 20;

/// DuckDB takes arrays, scalars and NaN as well.
Result<void> check_line(std::string_view line, const std::string& at)
{
    constexpr std::string_view first_line = "line 1";
    const auto start = line.find_first_not_of(" \t\r");
    if (start == line.npos) {
        return {};
    }
    if (line[start] != '{') {
        return Error{at + " is no JSON object; send one object on each line"};
    }
    if (const auto row = sidecar::json_rows(line, ""); !row) {
        return Error{at + row.error().message.substr(first_line.size())};
    }
    return {};
}

/// An object on each line.
Result<void> check_ndjson(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    constexpr std::streamsize room = longest_line + 1;  // for the NUL that getline() appends
    const auto line = std::make_unique_for_overwrite<char[]>(room);
    for (std::uint64_t number = 1; file; ++number) {
        const auto at = "line " + std::to_string(number);
        file.getline(line.get(), room);
        if (file.fail() && !file.eof()) {
            return Error{at + " has more than 16 MiB; send one object on each line"};
        }
        const auto length = file.gcount() - (file.good() ? 1 : 0);  // the line end counts
        auto good = check_line({line.get(), static_cast<std::size_t>(length)}, at);
        if (!good) {
            return good;
        }
    }
    return {};
}

config::Engine limits_for(config::Engine limits)
{
    limits.threads = 1;
    limits.memory_limit = std::min(limits.memory_limit, most_memory);
    return limits;
}

/// The rows of a run are held in memory.
constexpr std::uint64_t most_rows_of_run = 5'000'000;

datasets::Failure too_many(std::uint64_t most_rows)
{
    return {413, "it has more than " + std::to_string(most_rows) + " rows"};
}

/// What `read` makes of the upload. Of Parquet it gets one row more than there may be.
template <class Read>
auto imported(const config::Engine& limits, const datasets::Import& import, std::uint64_t most_rows,
              Read read)
    -> datasets::Outcome<
        std::decay_t<decltype(*read(engine::Ingest{{}, {}, import.expected, read_limit}))>>
{
    const sidecar::UnderMemoryLimit limited;
    const auto source = source_of(import);
    const auto files = sources::fingerprint(source);
    if (!files) {
        return about_upload(files.error().message, source);
    }
    if (import.format == datasets::UploadFormat::ndjson) {
        if (const auto good = check_ndjson(import.files.front()); !good) {
            return datasets::Failure{422, good.error().message};
        }
    }
    auto relation = sources::relation(source, *files);
    if (!relation) {
        return about_upload(relation.error().message, source);
    }
    if (import.uploaded && import.format == datasets::UploadFormat::parquet) {
        relation->sql =
            "(SELECT * FROM " + relation->sql + " LIMIT " + std::to_string(most_rows + 1) + ')';
    }
    const auto bounded = limits_for(limits);
    auto done = read(engine::Ingest{*relation, bounded, import.expected, read_limit});
    if (!done) {
        if (done.error().message.find("\"max_rows\"") != std::string::npos) {
            return too_many(most_rows);
        }
        const auto reason = sources::diagnose(source, *files);
        return about_upload(reason ? *reason : done.error().message, source);
    }
    return std::move(*done);
}

}  // namespace

datasets::Outcome<datasets::Imported> import_to_parquet(const config::Engine& limits,
                                                        const datasets::Import& import,
                                                        const std::string& out,
                                                        std::uint64_t most_rows)
{
    auto done = imported(limits, import, most_rows, [&out](const engine::Ingest& ingest) {
        return engine::to_parquet(ingest, out);
    });
    if (!done) {
        return done.failure();
    }
    if (import.uploaded && done->rows > most_rows) {
        return too_many(most_rows);
    }
    return datasets::Imported{done->rows, done->columns};
}

datasets::Outcome<datasets::NewRun> import_run(const config::Engine& limits,
                                               const datasets::Import& import)
{
    auto done = imported(limits, import, most_rows_of_run, [](const engine::Ingest& ingest) {
        return engine::to_table(ingest, most_rows_of_run);
    });
    if (!done) {
        return done.failure();
    }
    return datasets::NewRun{
        {}, done->columns, done->table.rows(), sidecar::table_bytes(done->table)};
}

}  // namespace gatehouse::app
