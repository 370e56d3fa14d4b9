#include "sidecar/datasets/order.h"

#include <algorithm>

#include "src/base/ascii.h"

namespace gatehouse::datasets {

namespace {

struct Row {
    std::string_view type;
    UploadFormat format;
};

constexpr Row rows[] = {
    {"text/csv", UploadFormat::csv},
    {"application/csv", UploadFormat::csv},
    {"application/x-ndjson", UploadFormat::ndjson},
    {"application/ndjson", UploadFormat::ndjson},
    {"application/jsonl", UploadFormat::ndjson},
    {"application/vnd.apache.parquet", UploadFormat::parquet},
    {"application/x-parquet", UploadFormat::parquet},
};

}  // namespace

std::optional<UploadFormat> format_of(std::string_view content_type)
{
    const auto type = trim_ows(content_type.substr(0, content_type.find(';')));
    for (const auto& row : rows) {
        if (equals_ignoring_case(type, row.type)) {
            return row.format;
        }
    }
    return std::nullopt;
}

}  // namespace gatehouse::datasets
