// Datasets as Parquet files under a manifest (sidecar/base/dataset_manifest.h).
//
// An upload is a file that nobody names yet; it is read wholly, written as a part, and the part is
// named by a new manifest. Whatever ends in between leaves files without a name, which sweep()
// removes.
//
// Thread safety: one change of a dataset at a time; reading any number. All calls block.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sidecar/base/dataset_manifest.h"
#include "sidecar/datasets/incoming_file.h"
#include "sidecar/datasets/order.h"
#include "sidecar/datasets/outcome.h"

namespace gatehouse::datasets {

/// Files to be read, all or none.
struct Import {
    std::vector<std::string> files;
    UploadFormat format;
    sidecar::SqlColumns expected;  ///< see engine/ingest.h
    bool uploaded = true;          ///< false: they are our own
};

struct Imported {
    std::uint64_t rows = 0;
    sidecar::SqlColumns columns;
};

/// Writes a Parquet file `out`. A failure is the upload's fault, unless the disk is full.
using ToParquet = std::function<Outcome<Imported>(const Import& import, const std::string& out)>;

inline constexpr std::int64_t remembered_ms = 86'400'000;
inline constexpr std::size_t most_remembered = 1000;  ///< of one dataset
inline constexpr std::size_t most_parts = 64;         ///< more are made one

class FileStore {
public:
    explicit FileStore(ToParquet to_parquet) : to_parquet_(std::move(to_parquet)) {}

    Outcome<Done> put(const Settings& settings, const Order& order, IncomingFile& file,
                      std::int64_t now_ms) const;

    /// False: there was nothing.
    Outcome<bool> drop(const Settings& settings, std::int64_t now_ms) const;

    static Outcome<sidecar::DatasetManifest> describe(const Settings& settings);

    /// Removes what no manifest names. REQUIRES: no upload is under way.
    static void sweep(const Settings& settings);

private:
    Outcome<sidecar::DatasetPart> add_part(const Settings& settings, const Import& import,
                                           sidecar::SqlColumns& columns, std::int64_t now_ms) const;
    void merge(const Settings& settings, sidecar::DatasetManifest& manifest,
               std::int64_t now_ms) const;

    ToParquet to_parquet_;
};

/// What was answered to an upload with this key; nothing: there was none. Another upload under its
/// key: 422.
Outcome<std::optional<std::string>> recall(const sidecar::DatasetManifest& manifest,
                                           const std::string& key, const std::string& digest,
                                           std::int64_t now_ms);

}  // namespace gatehouse::datasets
