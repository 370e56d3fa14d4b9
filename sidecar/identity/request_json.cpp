#include "sidecar/identity/request_json.h"

#include <arpa/inet.h>
#include <jansson.h>

#include <array>
#include <functional>
#include <map>
#include <memory>

namespace gatehouse::identity {

namespace {

struct Release {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using Json = std::unique_ptr<json_t, Release>;

std::string text_of(const json_t* string)
{
    return {json_string_value(string), json_string_length(string)};
}

/// An object, or why it is none. The parser's own message would show what stands there.
Result<Json> parse_object(std::string_view text)
{
    json_error_t error;
    Json parsed{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error)};
    if (!parsed) {
        return Error{"the request is no JSON (line " + std::to_string(error.line) + ", column " +
                     std::to_string(error.column) + "), or has the same key twice"};
    }
    if (!json_is_object(parsed.get())) {
        return Error{"the request is no JSON object"};
    }
    return parsed;
}

Result<std::string> read_text(const std::string& key, const json_t* value)
{
    if (!json_is_string(value)) {
        return Error{"\"" + key + "\" must be a text"};
    }
    return text_of(value);
}

Result<std::vector<std::string>> read_texts(const std::string& key, const json_t* value)
{
    const Error wrong{"\"" + key + "\" must be a list of texts"};
    if (!json_is_array(value)) {
        return wrong;
    }
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
        const auto* item = json_array_get(value, i);
        if (!json_is_string(item)) {
            return wrong;
        }
        texts.push_back(text_of(item));
    }
    return texts;
}

/// "read write", as applications write it: two spaces leave an empty name, which is refused later.
std::vector<std::string> split_at_spaces(const std::string& text)
{
    std::vector<std::string> words;
    std::size_t begin = 0;
    while (begin <= text.size() && !text.empty()) {
        const auto end = std::min(text.find(' ', begin), text.size());
        words.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

/// Reads the value of one key into what it is for.
using Reader = std::function<Result<void>(const std::string& key, const json_t* value)>;
using Readers = std::map<std::string, Reader>;

template <class Target>
Reader text_into(Target& target)
{
    return [&target](const std::string& key, const json_t* value) -> Result<void> {
        auto text = read_text(key, value);
        if (!text) {
            return text.error();
        }
        target = std::move(*text);
        return {};
    };
}

Reader texts_into(std::vector<std::string>& target)
{
    return [&target](const std::string& key, const json_t* value) -> Result<void> {
        auto texts = read_texts(key, value);
        if (!texts) {
            return texts.error();
        }
        target = std::move(*texts);
        return {};
    };
}

Reader words_into(std::vector<std::string>& target)
{
    return [&target](const std::string& key, const json_t* value) -> Result<void> {
        if (json_is_string(value)) {
            target = split_at_spaces(text_of(value));
            return {};
        }
        return texts_into(target)(key, value);
    };
}

Result<void> read_object(const json_t* object, const Readers& readers)
{
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(object), key, value)
    {
        const auto reader = readers.find(key);
        if (reader == readers.end()) {
            std::string known;
            for (const auto& [name, unused] : readers) {
                known += (known.empty() ? "" : ", ") + name;
            }
            return Error{"unknown key \"" + std::string{key} + "\"; there are " + known};
        }
        if (auto read = reader->second(key, value); !read) {
            return read;
        }
    }
    return {};
}

Readers request_readers(TokenRequest& request)
{
    return {{"name", text_into(request.name)},
            {"user", text_into(request.user)},
            {"scopes", texts_into(request.scopes)},
            {"plan", text_into(request.plan)},
            {"networks", texts_into(request.networks)},
            {"expires", text_into(request.expires)},
            {"not_before", text_into(request.not_before)}};
}

Result<void> read_foreign(const json_t* value, TokenRequest& request)
{
    if (!json_is_object(value)) {
        return Error{"must be an object such as {\"user\": \"api_user\", \"scope\": \"read\"}"};
    }
    auto readers = request_readers(request);
    readers["scope"] = words_into(request.scopes);
    readers["scopes"] = readers["scope"];
    if (auto read = read_object(value, readers); !read) {
        return read;
    }
    if (request.user.empty()) {
        return Error{"needs a \"user\""};
    }
    if (request.name.empty()) {
        request.name = "imported";
    }
    return {};
}

}  // namespace

Result<TokenRequest> parse_token_request(std::string_view json)
{
    const auto object = parse_object(json);
    if (!object) {
        return object.error();
    }
    TokenRequest request;
    const auto read = read_object(object->get(), request_readers(request));
    return read ? Result<TokenRequest>{std::move(request)} : read.error();
}

Result<RotateRequest> parse_rotate_request(std::string_view json)
{
    RotateRequest request;
    if (json.empty()) {
        return request;
    }
    const auto object = parse_object(json);
    if (!object) {
        return object.error();
    }
    const auto read = read_object(object->get(), {{"expires", text_into(request.expires)},
                                                  {"overlap", text_into(request.overlap)}});
    return read ? Result<RotateRequest>{std::move(request)} : read.error();
}

Result<std::vector<ForeignToken>> parse_foreign_tokens(std::string_view json)
{
    const auto object = parse_object(json);
    if (!object) {
        return object.error();
    }
    std::vector<ForeignToken> tokens;
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object->get(), key, value)
    {
        auto& token = tokens.emplace_back(ForeignToken{key, {}});
        if (auto read = read_foreign(value, token.request); !read) {
            return Error{"token " + std::to_string(tokens.size()) +
                         " of the list: " + read.error().message};
        }
    }
    return tokens;
}

Result<VerifyRequest> parse_verify_request(std::string_view json)
{
    const auto object = parse_object(json);
    if (!object) {
        return object.error();
    }
    VerifyRequest request;
    std::string address;
    const auto read = read_object(
        object->get(), {{"token", text_into(request.token)}, {"address", text_into(address)}});
    if (!read) {
        return read.error();
    }
    std::array<std::uint8_t, 16> bytes{};
    if (address.empty()) {
        return request;
    }
    if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
        request.address.assign(bytes.begin(), bytes.begin() + 4);
    } else if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) {
        request.address.assign(bytes.begin(), bytes.end());
    } else {
        return Error{"\"" + address + "\" is no address"};
    }
    return request;
}

}  // namespace gatehouse::identity
