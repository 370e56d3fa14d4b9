// What a dataset consists of: the file `manifest.json` in its directory, beside the Parquet files
// it names. Replacing the manifest is what makes an upload visible; a file that it does not name is
// what an upload left that did not get so far.
//
//     {"version": 1, "updated_ms": …, "columns": [["time", "BIGINT"], …],
//      "parts": [{"file": "….parquet", "rows": …, "bytes": …}],
//      "uploads": [{"key": "…", "digest": "…", "at_ms": …, "answer": "{…}"}]}
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"

namespace gatehouse::sidecar {

/// Name and SQL type.
using SqlColumns = std::vector<std::pair<std::string, std::string>>;

struct DatasetPart {
    std::string file;  ///< a name in the directory
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

/// An upload that is remembered, so that it is not carried out twice.
struct RememberedUpload {
    std::string key;     ///< the client's Idempotency-Key
    std::string digest;  ///< of its bytes and what was asked for with them
    std::int64_t at_ms = 0;
    std::string answer;
};

struct DatasetManifest {
    std::int64_t updated_ms = 0;
    SqlColumns columns;
    std::vector<DatasetPart> parts;
    std::vector<RememberedUpload> uploads;  ///< in the order of their coming

    std::uint64_t rows() const noexcept;
    std::uint64_t bytes() const noexcept;
};

inline constexpr const char* manifest_name = "manifest.json";

/// An empty manifest where there is none.
Result<DatasetManifest> read_manifest(const std::string& directory);

/// All or nothing, also when the machine stops in the midst.
Result<void> write_manifest(const std::string& directory, const DatasetManifest& manifest);

}  // namespace gatehouse::sidecar
