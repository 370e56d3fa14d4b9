// Errors of the engine as errors of the source that is to blame.
#include <algorithm>

#include "sidecar/app/reading.h"
#include "sidecar/base/document.h"

namespace gatehouse::app {
namespace {

using sources::Fingerprint;

/// A fetched document has no name that would say anything to anybody.
Error without_document_path(Error error, const config::Source& source)
{
    if (source.document) {
        for (auto at = error.message.find(source.document->path()); at != std::string::npos;
             at = error.message.find(source.document->path())) {
            error.message.replace(at, source.document->path().size(), "the document");
        }
    }
    return error;
}

/// DuckDB does not always say which file it is about.
bool is_about_some_csv(const Error& error)
{
    return error.message.starts_with("a CSV ");
}

bool names_a_file(const Error& error, const Fingerprint& files)
{
    return std::any_of(files.files.begin(), files.files.end(), [&](const auto& file) {
        return error.message.find(file.path) != error.message.npos;
    });
}

}  // namespace

Error of_source(const std::string& name, const Error& error)
{
    return {"source \"" + name + "\": " + error.message};
}

Error explained(Error error, const config::Source& source, const Fingerprint& files)
{
    const bool named = error.message.starts_with(of_source(source.name, {}).message);
    const bool names_file = names_a_file(error, files);
    if (!named && !names_file && !is_about_some_csv(error)) {
        return error;
    }
    if (auto reason = sources::diagnose(source, files)) {
        return of_source(source.name, {*reason});
    }
    error = without_document_path(std::move(error), source);
    return !named && names_file ? of_source(source.name, error) : error;
}

}  // namespace gatehouse::app
