// A kind of source: one row of the registry.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/sql_text.h"
#include "sidecar/sources/sources.h"

namespace gatehouse::sources {

struct Kind {
    std::string_view name;

    /// Reads the files as the source's options say. Leaves the relation's name and files to the
    /// caller.
    Result<sidecar::Relation> (*relation)(const config::Source& source, const Fingerprint& files);

    /// See sources.h; null: nothing to say.
    std::optional<std::string> (*diagnose)(const config::Source& source,
                                           const Fingerprint& files) = nullptr;

    /// See sources.h; null: looks at the files that the source's paths name.
    Result<Fingerprint> (*fingerprint)(const config::Source& source) = nullptr;
};

extern const Kind csv, parquet, json, http, dataset;

/// The files that the source's paths name.
Result<Fingerprint> fingerprint_of_files(const config::Source& source);

/// The files that make up the dataset in that directory.
Result<std::vector<std::string>> dataset_files(const std::string& directory);

/// Builds `function(['a', 'b'], option=value, …)`.
class Call {
public:
    Call(std::string_view function, const Fingerprint& files);

    /// `function('a', …)`, for those that take one file.
    Call(std::string_view function, const std::string& path);

    /// `value` is SQL.
    Call& option(std::string_view name, std::string_view value);
    Call& text(std::string_view name, std::string_view value);
    Call& flag(std::string_view name, bool value);

    /// `name={'column': 'TYPE', …}`, left out when empty.
    Call& columns(std::string_view name,
                  const std::vector<std::pair<std::string, std::string>>& columns);

    /// Whether directories are columns, and of which types.
    Call& partitions(const config::Source& source);

    std::string sql() const { return sql_ + ")"; }

private:
    std::string sql_;
};

}  // namespace gatehouse::sources
