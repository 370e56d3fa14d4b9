// What a source's cache was made of: the file `NAME.json` in the directory of caches, beside the
// Parquet file that it names. Replacing the record is what makes another table the cache; a Parquet
// file that no record names is what a computation left that did not get so far.
//
//     {"version": 1, "source": "equipment", "file": "equipment-1790000000000-7.parquet",
//      "bytes": …, "checksum": "…", "rows": …, "made_ms": …,
//      "definition": "…", "stamps": "…", "content": "…"}
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/base/result.h"

namespace gatehouse::caches {

/// Digests of what a table is made of.
struct Basis {
    std::string definition;  ///< how the files are read
    std::string stamps;      ///< their paths, devices, inodes, sizes and times
    std::string content;     ///< their bytes

    bool operator==(const Basis&) const = default;
};

struct Record {
    std::string file;  ///< a name in the directory
    std::uint64_t bytes = 0;
    std::string checksum;  ///< of its bytes
    std::uint64_t rows = 0;
    std::int64_t made_ms = 0;  ///< Unix time
    Basis basis;
};

std::string record_path(const std::string& directory, const std::string& source);

/// Nothing where there is none.
Result<std::optional<Record>> read_record(const std::string& directory, const std::string& source);

/// All or nothing, also when the machine stops in the midst.
Result<void> write_record(const std::string& directory, const std::string& source,
                          const Record& record);

}  // namespace gatehouse::caches
