#include "ctl/json.h"

#include <cstdlib>

namespace gatehouse::ctl {

Json::Json(json_t* borrowed) : value_(json_incref(borrowed), Release{}) {}

Json Json::parse(const std::string& text)
{
    json_error_t error;
    auto* root = json_loadb(text.data(), text.size(), JSON_DECODE_ANY, &error);
    Json parsed{root};
    json_decref(root);  // the constructor took a reference of its own
    return parsed;
}

Json Json::operator[](const char* key) const
{
    return Json{json_object_get(value_.get(), key)};
}

std::vector<Json> Json::items() const
{
    std::vector<Json> found;
    for (std::size_t i = 0; i < json_array_size(value_.get()); ++i) {
        found.push_back(Json{json_array_get(value_.get(), i)});
    }
    return found;
}

std::string Json::text() const
{
    return json_is_string(value_.get()) ? json_string_value(value_.get()) : "";
}

std::int64_t Json::number() const
{
    return json_integer_value(value_.get());
}

double Json::real() const
{
    return json_number_value(value_.get());
}

bool Json::flag() const
{
    return json_is_true(value_.get());
}

Json::operator bool() const noexcept
{
    return value_ && !json_is_null(value_.get());
}

std::string Json::dump() const
{
    char* text = json_dumps(value_.get(), JSON_INDENT(2) | JSON_ENCODE_ANY);
    std::string dumped = text == nullptr ? "" : text;
    std::free(text);
    return dumped;
}

}  // namespace gatehouse::ctl
