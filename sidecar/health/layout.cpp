#include "sidecar/health/layout.h"

#include <jansson.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

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

/// `$name` in a pattern such as "$name:responseTime"; empty: there is none.
std::string_view name_in(std::string_view pattern)
{
    const auto at = pattern.find('$');
    if (at == pattern.npos) {
        return {};
    }
    const auto end = pattern.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.", at + 1);
    return pattern.substr(at, end - at);
}

/// The pattern with the value of the name in it; other text as it is.
std::string key_of(std::string_view pattern, const Scope& scope)
{
    const auto name = name_in(pattern);
    if (name.empty()) {
        return std::string{pattern};
    }
    const auto at = static_cast<std::size_t>(name.data() - pattern.data());
    return std::string{pattern.substr(0, at)} + word_of(name.substr(1), scope) +
           std::string{pattern.substr(at + name.size())};
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
        const json_t* chosen = nullptr;
        if (name == "$state" && scope_.check == nullptr && scope_.report.is_merely_away()) {
            chosen = json_object_get(layout, away_word.data());
        }
        chosen = chosen != nullptr ? chosen : json_object_get(layout, word.c_str());
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
        if (scope_.report.brief) {
            return;  // names
        }
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

/// Of the configuration, and "upstream" of nginx's.
constexpr std::string_view kinds[] = {"http",  "tcp",       "tls",  "redis",  "postgres", "sqlite",
                                      "file",  "directory", "disk", "cpu",    "process",  "card",
                                      "cache", "edge",      "exec", "memory", "upstream"};

bool is_kind(std::string_view name)
{
    return std::find(std::begin(kinds), std::end(kinds), name) != std::end(kinds);
}

Error no_kind(std::string_view name)
{
    return Error{"there is no kind of check \"" + std::string{name} + '"'};
}

/// Those in "$kind.KIND.VALUE" and "$all.KIND.KIND".
Result<void> check_kinds_in(std::string_view text)
{
    const bool all = text.starts_with("$all.");
    if (!all && !text.starts_with("$kind.")) {
        return {};
    }
    text.remove_prefix(text.find('.') + 1);
    do {
        const auto kind = text.substr(0, text.find('.'));
        if (!is_kind(kind)) {
            return no_kind(kind);
        }
        text.remove_prefix(std::min(kind.size() + 1, text.size()));
    } while (all && !text.empty());
    return {};
}

Result<void> check_name(std::string_view text, const Scope& scope)
{
    if (is_name(text) && !value_of(text.substr(1), scope)) {
        return Error{"there is no value \"" + std::string{text} + '"'};
    }
    return check_kinds_in(text);
}

/// "$kind": one, or a list of them.
Result<void> check_kind(const json_t* kind)
{
    for (std::size_t i = 0; i < json_array_size(kind); ++i) {
        if (auto sound = check_kind(json_array_get(kind, i)); !sound) {
            return sound;
        }
    }
    return json_is_array(kind) || is_kind(text_of(kind)) ? Result<void>{} : no_kind(text_of(kind));
}

/// "$key": text that may have one name in it.
Result<void> check_key(const json_t* pattern, const Scope& scope)
{
    const auto text = text_of(pattern);
    const auto name = name_in(text);
    return name.empty() ? Result<void>{} : check_name(name, scope);
}

/// What begins with `$` and is no value.
Result<void> check_member(std::string_view name, const json_t* object, const Scope& of_each)
{
    const auto* value = json_object_getn(object, name.data(), name.size());
    if (name == "$key") {
        return check_key(value, of_each);
    }
    if (name == "$kind") {
        return check_kind(value);
    }
    if (name == "$case" && json_object_size(object) == 1) {
        return Error{"\"$case\" has nothing to choose from"};
    }
    const bool is_known = name == "$checks" || name == "$case" || !is_name(name);
    return is_known ? Result<void>{} : Error{"there is no key \"" + std::string{name} + '"'};
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
        auto of_each = scope;
        of_each.check = &any;
        if (auto sound = check_member(name, layout, of_each); !sound) {
            return sound;
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
