#include "sidecar/caches/record.h"

#include "sidecar/base/json_file.h"
#include "sidecar/base/json_writer.h"

namespace gatehouse::caches {

using sidecar::integer_member;
using sidecar::text_member;

namespace {

constexpr std::size_t largest_record = 64 << 10;
constexpr int version = 1;

Record record_of(const json_t* json)
{
    return {text_member(json, "file"),
            static_cast<std::uint64_t>(integer_member(json, "bytes")),
            text_member(json, "checksum"),
            static_cast<std::uint64_t>(integer_member(json, "rows")),
            integer_member(json, "made_ms"),
            {text_member(json, "definition"), text_member(json, "stamps"),
             text_member(json, "content")}};
}

}  // namespace

std::string record_path(const std::string& directory, const std::string& source)
{
    return directory + '/' + source + ".json";
}

Result<std::optional<Record>> read_record(const std::string& directory, const std::string& source)
{
    const auto path = record_path(directory, source);
    const auto json = sidecar::read_json_file(path, largest_record);
    if (!json) {
        return json.error();
    }
    if (!*json) {
        return std::optional<Record>{};
    }
    auto record = record_of(json->get());
    if (integer_member(json->get(), "version") != version || !sidecar::is_file_name(record.file)) {
        return Error{path + ": is no record of this version of gatehoused"};
    }
    return std::optional{std::move(record)};
}

Result<void> write_record(const std::string& directory, const std::string& source,
                          const Record& record)
{
    sidecar::JsonWriter json;
    json.open_object().member("version", version).member("source", source);
    json.member("file", record.file).member("bytes", record.bytes);
    json.member("checksum", record.checksum).member("rows", record.rows);
    json.member("made_ms", record.made_ms).member("definition", record.basis.definition);
    json.member("stamps", record.basis.stamps).member("content", record.basis.content);
    return sidecar::write_json_file(record_path(directory, source), json.close_object().take());
}

}  // namespace gatehouse::caches
