#include "sidecar/base/json_file.h"

#include <unistd.h>

#include <cerrno>
#include <span>

#include "src/base/plain_file.h"

namespace gatehouse::sidecar {

Result<JsonValue> read_json_file(const std::string& path, std::size_t most_bytes)
{
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        return JsonValue{};
    }
    auto file = open_trusted_file(path);
    if (!file) {
        return Error{path + ": " + file.error().message};
    }
    if (file->size > most_bytes) {
        return Error{path + ": is too large"};
    }
    std::string text(file->size, '\0');
    if (auto read = read_plain_file(file->fd.get(), 0, std::as_writable_bytes(std::span{text}));
        !read) {
        return Error{path + ": " + read.error().message};
    }
    JsonValue json{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
    return json ? Result<JsonValue>{std::move(json)} : Error{path + ": is no JSON"};
}

Result<void> write_json_file(const std::string& path, const std::string& json)
{
    const FilePiece piece{0, std::as_bytes(std::span{json})};
    auto written = replace_file(path, static_cast<gid_t>(-1), json.size(), {&piece, 1});
    return written ? Result<void>{} : Error{path + ": " + written.error().message};
}

std::string text_member(const json_t* object, const char* key)
{
    const auto* value = json_object_get(object, key);
    return json_is_string(value) ? std::string{json_string_value(value), json_string_length(value)}
                                 : std::string{};
}

std::int64_t integer_member(const json_t* object, const char* key)
{
    return json_integer_value(json_object_get(object, key));
}

bool is_file_name(const std::string& name)
{
    return !name.empty() && name.front() != '.' && name.find('/') == name.npos;
}

}  // namespace gatehouse::sidecar
