#include "sidecar/base/dataset_manifest.h"

#include "sidecar/base/json_file.h"
#include "sidecar/base/json_writer.h"

namespace gatehouse::sidecar {

namespace {

constexpr std::size_t largest_manifest = 16 << 20;

std::string element(const json_t* array, std::size_t index)
{
    const char* text = json_string_value(json_array_get(array, index));
    return text == nullptr ? "" : text;
}

Result<DatasetManifest> manifest_of(const json_t* json)
{
    if (integer_member(json, "version") != 1) {
        return Error{"is not of this version of gatehoused"};
    }
    DatasetManifest out;
    out.updated_ms = integer_member(json, "updated_ms");
    std::size_t index = 0;
    const json_t* one = nullptr;
    json_array_foreach(json_object_get(json, "columns"), index, one)
    {
        out.columns.emplace_back(element(one, 0), element(one, 1));
    }
    json_array_foreach(json_object_get(json, "parts"), index, one)
    {
        out.parts.push_back({text_member(one, "file"),
                             static_cast<std::uint64_t>(integer_member(one, "rows")),
                             static_cast<std::uint64_t>(integer_member(one, "bytes"))});
        if (!is_file_name(out.parts.back().file)) {
            return Error{"names a file that is none of the dataset's"};
        }
    }
    json_array_foreach(json_object_get(json, "uploads"), index, one)
    {
        out.uploads.push_back({text_member(one, "key"), text_member(one, "digest"),
                               integer_member(one, "at_ms"), text_member(one, "answer")});
    }
    return out;
}

std::string json_of(const DatasetManifest& manifest)
{
    JsonWriter json;
    json.open_object().member("version", 1).member("updated_ms", manifest.updated_ms);
    json.key("columns").open_array();
    for (const auto& [name, type] : manifest.columns) {
        json.open_array().value(name).value(type).close_array();
    }
    json.close_array().key("parts").open_array();
    for (const auto& part : manifest.parts) {
        json.open_object().member("file", part.file).member("rows", part.rows);
        json.member("bytes", part.bytes).close_object();
    }
    json.close_array().key("uploads").open_array();
    for (const auto& upload : manifest.uploads) {
        json.open_object().member("key", upload.key).member("digest", upload.digest);
        json.member("at_ms", upload.at_ms).member("answer", upload.answer).close_object();
    }
    return json.close_array().close_object().take();
}

}  // namespace

std::uint64_t DatasetManifest::rows() const noexcept
{
    std::uint64_t sum = 0;
    for (const auto& part : parts) {
        sum += part.rows;
    }
    return sum;
}

std::uint64_t DatasetManifest::bytes() const noexcept
{
    std::uint64_t sum = 0;
    for (const auto& part : parts) {
        sum += part.bytes;
    }
    return sum;
}

Result<DatasetManifest> read_manifest(const std::string& directory)
{
    const auto path = directory + '/' + manifest_name;
    const auto json = read_json_file(path, largest_manifest);
    if (!json) {
        return json.error();
    }
    if (!*json) {
        return DatasetManifest{};
    }
    auto manifest = manifest_of(json->get());
    return manifest ? std::move(manifest) : Error{path + ": " + manifest.error().message};
}

Result<void> write_manifest(const std::string& directory, const DatasetManifest& manifest)
{
    return write_json_file(directory + '/' + manifest_name, json_of(manifest));
}

}  // namespace gatehouse::sidecar
