// kind "http": the last good document that was fetched, as lines of JSON. Fetching is documents/.
#include "sidecar/base/document.h"
#include "sidecar/sources/kind.h"

namespace gatehouse::sources {
namespace {

using sidecar::sql_identifier;

Result<Fingerprint> fingerprint_of_document(const config::Source& source)
{
    if (!source.document) {
        return Error{"has not been fetched yet"};
    }
    const auto content = source.document->content();
    if (!content) {
        return content.error();
    }
    // By content: another document with the same bytes is no change.
    return Fingerprint{{{.path = source.document->path(),
                         .inode = content->hash,
                         .bytes = content->bytes,
                         .modified_ns = static_cast<std::int64_t>(content->rows)}}};
}

/// A document without rows does not say which columns its rows would have.
Result<std::string> no_rows(const config::Source& source)
{
    if (source.columns.empty()) {
        return Error{
            "the document has no rows, so nobody knows its columns; declare them in \"columns\""};
    }
    std::string sql = "(SELECT ";
    for (const auto& [column, type] : source.columns) {
        sql += (sql.ends_with(' ') ? "" : ", ");
        sql += "CAST(NULL AS " + type + ") AS " + sql_identifier(column);
    }
    return sql + " LIMIT 0)";
}

std::string with_types(const config::Source& source, const std::string& from)
{
    if (source.types.empty() || !source.columns.empty()) {
        return from;
    }
    std::string replaced;
    for (const auto& [column, type] : source.types) {
        replaced += (replaced.empty() ? "" : ", ") + ("CAST(" + sql_identifier(column)) + " AS " +
                    type + ") AS " + sql_identifier(column);
    }
    return "(SELECT * REPLACE (" + replaced + ") FROM " + from + ")";
}

/// Every row is looked at before types are guessed: a document is small enough.
Result<sidecar::Relation> read_document(const config::Source& source, const Fingerprint& files)
{
    if (files.files.at(0).modified_ns == 0) {
        auto sql = no_rows(source);
        return sql ? Result{sidecar::Relation{.sql = std::move(*sql)}} : sql.error();
    }
    Call read("read_json", files);
    read.text("format", "newline_delimited");
    read.option("records", "true").option("sample_size", "-1");
    read.option("map_inference_threshold", "-1");
    read.option("maximum_object_size", std::to_string(files.bytes()));
    read.columns("columns", source.columns);
    read.flag("hive_partitioning", false);
    return sidecar::Relation{.sql = with_types(source, read.sql())};
}

}  // namespace

const Kind http{"http", read_document, nullptr, fingerprint_of_document};

}  // namespace gatehouse::sources
