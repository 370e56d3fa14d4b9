// kind "dataset": the Parquet files that its manifest names.
#include "sidecar/base/dataset_manifest.h"
#include "sidecar/sources/kind.h"

namespace gatehouse::sources {

Result<std::vector<std::string>> dataset_files(const std::string& directory)
{
    const auto manifest = sidecar::read_manifest(directory);
    if (!manifest) {
        return manifest.error();
    }
    if (manifest->parts.empty()) {
        return Error{"has no data yet; upload some, as with gatehousectl dataset put"};
    }
    std::vector<std::string> files;
    for (const auto& part : manifest->parts) {
        files.push_back(directory + '/' + part.file);
    }
    return files;
}

namespace {

/// All parts have the same columns: whoever added them has seen to it.
Result<sidecar::Relation> read_dataset(const config::Source&, const Fingerprint& files)
{
    Call read("read_parquet", files);
    read.flag("hive_partitioning", false);
    return sidecar::Relation{.sql = read.sql()};
}

}  // namespace

const Kind dataset{"dataset", read_dataset};

}  // namespace gatehouse::sources
