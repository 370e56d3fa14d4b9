// What an upload is to become.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/base/dataset_manifest.h"

namespace gatehouse::datasets {

enum class UploadFormat : std::uint8_t { csv, ndjson, parquet };

/// By its media type (parameters aside), or nothing.
std::optional<UploadFormat> format_of(std::string_view content_type);

/// What a run is told with, beside its rows.
struct RunHead {
    std::string name;
    std::optional<std::int64_t> time_us;  ///< since 1970, UTC; nothing: when it came
    std::string parameters = "{}";        ///< a JSON object
};

struct Order {
    enum class Mode : std::uint8_t { replace, append };

    std::string name;  ///< the dataset's
    Mode mode = Mode::replace;
    UploadFormat format = UploadFormat::csv;
    std::string key;  ///< Idempotency-Key; empty: none
    RunHead run{};    ///< where the dataset is one of runs
};

/// A declared dataset.
struct Settings {
    std::string directory;  ///< of its files
    bool runs = false;
    sidecar::SqlColumns columns;  ///< declared; empty: those of the first upload
    std::uint64_t max_size = 0;

    bool operator==(const Settings&) const = default;
};

using Declared = std::map<std::string, Settings>;

struct Done {
    std::string answer;    ///< JSON
    bool changed = false;  ///< false: it had been carried out before
};

}  // namespace gatehouse::datasets
