#include "sidecar/health/layout.h"

#include <jansson.h>

#include <cstdlib>

#include "sidecar/base/json_writer.h"
#include "sidecar/health/values.h"

namespace gatehouse::checks {

namespace {

std::string_view text_of(const json_t* value)
{
    return json_is_string(value)
               ? std::string_view{json_string_value(value), json_string_length(value)}
               : std::string_view{};
}

/// Whether the text stands for a value; that of "$$x" is "$x".
bool is_name(std::string_view text)
{
    return text.size() > 1 && text.front() == '$' && text[1] != '$';
}

std::string_view plain(std::string_view text)
{
    return text.starts_with("$$") ? text.substr(1) : text;
}

/// `$name` in a pattern such as "$name:responseTime"; other text as it is.
std::string key_of(std::string_view pattern, const Scope& scope)
{
    const auto at = pattern.find('$');
    if (at == pattern.npos) {
        return std::string{pattern};
    }
    auto end = pattern.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.", at + 1);
    end = end == pattern.npos ? pattern.size() : end;
    return std::string{pattern.substr(0, at)} +
           word_of(pattern.substr(at + 1, end - at - 1), scope) + std::string{pattern.substr(end)};
}

bool is_element(const json_t* list, std::string_view text)
{
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        if (text_of(json_array_get(list, i)) == text) {
            return true;
        }
    }
    return false;
}

class Renderer {
public:
    explicit Renderer(Scope scope) : scope_(scope) {}

    void write(const json_t* layout)
    {
        if (json_is_object(layout)) {
            write_object(layout);
        } else if (json_is_array(layout)) {
            out_.open_array();
            for (std::size_t i = 0; i < json_array_size(layout); ++i) {
                write(json_array_get(layout, i));
            }
            out_.close_array();
        } else if (json_is_string(layout)) {
            write_text(text_of(layout));
        } else {
            write_scalar(layout);
        }
    }

    std::string take() { return out_.take(); }

private:
    void write_text(std::string_view text)
    {
        if (is_name(text)) {
            out_.raw(value_of(text.substr(1), scope_).value_or("null"));
        } else {
            out_.value(plain(text));
        }
    }

    void write_scalar(const json_t* layout)
    {
        char* dumped = json_dumps(layout, JSON_ENCODE_ANY);
        out_.raw(dumped == nullptr ? "null" : dumped);
        std::free(dumped);
    }

    void write_object(const json_t* layout)
    {
        if (const json_t* choice = json_object_get(layout, "$case")) {
            return write_case(layout, choice);
        }
        out_.open_object();
        const char* key = nullptr;
        json_t* value = nullptr;
        json_object_foreach(const_cast<json_t*>(layout), key, value)
        {
            const std::string_view name = key;
            if (name == "$checks") {
                write_checks(layout, value);
            } else if (name != "$key" && name != "$kind") {
                out_.key(plain(name));
                write(value);
            }
        }
        out_.close_object();
    }

    void write_case(const json_t* layout, const json_t* choice)
    {
        const auto name = text_of(choice);
        const auto word = is_name(name) ? word_of(name.substr(1), scope_) : std::string{name};
        const json_t* chosen = json_object_get(layout, word.c_str());
        chosen = chosen != nullptr ? chosen : json_object_get(layout, "down");
        if (chosen == nullptr) {
            out_.null();
        } else {
            write(chosen);
        }
    }

    void write_checks(const json_t* layout, const json_t* of_each)
    {
        const json_t* kinds = json_object_get(layout, "$kind");
        const auto kind = text_of(kinds);
        const auto pattern = text_of(json_object_get(layout, "$key"));
        const auto outer = scope_.check;
        for (const auto& check : scope_.report.checks) {
            const bool wanted =
                kinds == nullptr || kind == check.check.kind || is_element(kinds, check.check.kind);
            if (wanted) {
                scope_.check = &check;
                out_.key(key_of(pattern.empty() ? "$name" : pattern, scope_));
                write(of_each);
            }
        }
        scope_.check = outer;
    }

    Scope scope_;
    sidecar::JsonWriter out_;
};

Result<void> check_name(std::string_view text, const Scope& scope)
{
    return !is_name(text) || value_of(text.substr(1), scope)
               ? Result<void>{}
               : Error{"there is no value \"" + std::string{text} + '"'};
}

/// Everything in it, also what a report would not choose.
Result<void> check_all(const json_t* layout, Scope scope)
{
    if (json_is_string(layout)) {
        return check_name(text_of(layout), scope);
    }
    if (json_is_array(layout)) {
        for (std::size_t i = 0; i < json_array_size(layout); ++i) {
            if (auto sound = check_all(json_array_get(layout, i), scope); !sound) {
                return sound;
            }
        }
        return {};
    }
    static const CheckReport any;
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(layout), key, value)
    {
        const std::string_view name = key;
        auto inner = scope;
        inner.check = name == "$checks" ? &any : scope.check;
        if (name.starts_with("$") && !name.starts_with("$$") && name != "$checks" &&
            name != "$key" && name != "$kind" && name != "$case") {
            return Error{"there is no key \"" + std::string{name} + '"'};
        }
        if (name != "$key" && name != "$kind") {
            if (auto sound = check_all(value, inner); !sound) {
                return sound;
            }
        }
    }
    return {};
}

}  // namespace

const std::string& Words::of(State state) const noexcept
{
    switch (state) {
    case State::up: return up;
    case State::degraded: return degraded;
    case State::down: return down;
    case State::unknown: break;
    }
    return unknown;
}

std::string render(const json_t* layout, const Report& report, const Words& words)
{
    Renderer renderer{{report, words}};
    renderer.write(layout);
    return renderer.take();
}

Result<void> check_layout(const json_t* layout)
{
    static const Report nothing;
    static const Words words;
    return check_all(layout, {nothing, words});
}

}  // namespace gatehouse::checks
