#include "sidecar/app/import.h"

#include <algorithm>
#include <chrono>

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

/// Nobody knows our files by their names.
Error about_upload(std::string message, const config::Source& source)
{
    for (const std::string& path : source.paths) {
        for (auto at = message.find(path); at != message.npos; at = message.find(path)) {
            message.replace(at, path.size(), "the upload");
        }
    }
    // Remedies for files of one's own.
    message.resize(std::min(message.find("; correct it, quoting"), message.size()));
    constexpr std::string_view prefix = "source \"upload\": ";
    if (message.starts_with(prefix)) {
        message.erase(0, prefix.size());
    }
    return Error{std::move(message)};
}

config::Engine limits_for(config::Engine limits)
{
    limits.threads = 1;
    limits.memory_limit = std::min(limits.memory_limit, most_memory);
    return limits;
}

/// The rows of a run are held in memory.
constexpr std::uint64_t most_rows = 5'000'000;

/// What `read` makes of the upload.
template <class Read>
auto imported(const config::Engine& limits, const datasets::Import& import, Read read)
    -> decltype(read(engine::Ingest{{}, {}, import.expected, read_limit}))
{
    const sidecar::UnderMemoryLimit limited;
    const auto source = source_of(import);
    const auto files = sources::fingerprint(source);
    if (!files) {
        return about_upload(files.error().message, source);
    }
    const auto relation = sources::relation(source, *files);
    if (!relation) {
        return about_upload(relation.error().message, source);
    }
    const auto bounded = limits_for(limits);
    auto done = read(engine::Ingest{*relation, bounded, import.expected, read_limit});
    if (!done) {
        const auto reason = sources::diagnose(source, *files);
        return about_upload(reason ? *reason : done.error().message, source);
    }
    return done;
}

}  // namespace

Result<datasets::Imported> import_to_parquet(const config::Engine& limits,
                                             const datasets::Import& import, const std::string& out)
{
    auto done = imported(limits, import, [&out](const engine::Ingest& ingest) {
        return engine::to_parquet(ingest, out);
    });
    return done ? Result<datasets::Imported>{datasets::Imported{done->rows,
                                                                std::move(done->columns)}}
                : done.error();
}

Result<datasets::NewRun> import_run(const config::Engine& limits, const datasets::Import& import)
{
    auto done = imported(limits, import, [](const engine::Ingest& ingest) {
        return engine::to_table(ingest, most_rows);
    });
    if (!done) {
        return done.error();
    }
    return datasets::NewRun{
        {}, std::move(done->columns), done->table.rows(), sidecar::table_bytes(done->table)};
}

}  // namespace gatehouse::app
