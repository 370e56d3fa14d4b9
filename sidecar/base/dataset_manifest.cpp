#include "sidecar/base/dataset_manifest.h"

#include <jansson.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>

#include "sidecar/base/json_writer.h"
#include "src/base/plain_file.h"

namespace gatehouse::sidecar {

namespace {

constexpr std::size_t largest_manifest = 16 << 20;

struct Free {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using Json = std::unique_ptr<json_t, Free>;

std::string text_of(const json_t* object, const char* key)
{
    const auto* value = json_object_get(object, key);
    return json_is_string(value) ? std::string{json_string_value(value), json_string_length(value)}
                                 : std::string{};
}

std::int64_t number_of(const json_t* object, const char* key)
{
    return json_integer_value(json_object_get(object, key));
}

std::string element(const json_t* array, std::size_t index)
{
    const char* text = json_string_value(json_array_get(array, index));
    return text == nullptr ? "" : text;
}

/// A name in the directory, and no way out of it.
bool is_file_name(const std::string& name)
{
    return !name.empty() && name.front() != '.' && name.find('/') == name.npos;
}

Result<DatasetManifest> manifest_of(const json_t* json)
{
    if (number_of(json, "version") != 1) {
        return Error{"is not of this version of gatehoused"};
    }
    DatasetManifest out;
    out.updated_ms = number_of(json, "updated_ms");
    std::size_t index = 0;
    const json_t* one = nullptr;
    json_array_foreach(json_object_get(json, "columns"), index, one)
    {
        out.columns.emplace_back(element(one, 0), element(one, 1));
    }
    json_array_foreach(json_object_get(json, "parts"), index, one)
    {
        out.parts.push_back({text_of(one, "file"),
                             static_cast<std::uint64_t>(number_of(one, "rows")),
                             static_cast<std::uint64_t>(number_of(one, "bytes"))});
        if (!is_file_name(out.parts.back().file)) {
            return Error{"names a file that is none of the dataset's"};
        }
    }
    json_array_foreach(json_object_get(json, "uploads"), index, one)
    {
        out.uploads.push_back({text_of(one, "key"), text_of(one, "digest"), number_of(one, "at_ms"),
                               text_of(one, "answer")});
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
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        return DatasetManifest{};
    }
    auto file = open_trusted_file(path);
    if (!file) {
        return Error{path + ": " + file.error().message};
    }
    if (file->size > largest_manifest) {
        return Error{path + ": is too large"};
    }
    std::string text(file->size, '\0');
    if (auto read = read_plain_file(file->fd.get(), 0, std::as_writable_bytes(std::span{text}));
        !read) {
        return Error{path + ": " + read.error().message};
    }
    const Json json{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
    auto manifest = json ? manifest_of(json.get()) : Error{"is no JSON"};
    return manifest ? std::move(manifest) : Error{path + ": " + manifest.error().message};
}

Result<void> write_manifest(const std::string& directory, const DatasetManifest& manifest)
{
    const auto path = directory + '/' + manifest_name;
    const auto text = json_of(manifest);
    const FilePiece piece{0, std::as_bytes(std::span{text})};
    auto written = replace_file(path, static_cast<gid_t>(-1), text.size(), {&piece, 1});
    return written ? Result<void>{} : Error{path + ": " + written.error().message};
}

}  // namespace gatehouse::sidecar
