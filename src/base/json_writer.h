// Writes JSON text in one pass. The caller keeps objects and arrays balanced.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/json_escape.h"

namespace gatehouse {

class JsonWriter {
public:
    JsonWriter& open_object() { return open('{'); }
    JsonWriter& close_object() { return close('}'); }
    JsonWriter& open_array() { return open('['); }
    JsonWriter& close_array() { return close(']'); }

    JsonWriter& key(std::string_view name)
    {
        separate();
        append_json_string(text_, name);
        text_ += ':';
        first_ = true;
        return *this;
    }

    JsonWriter& value(std::string_view text)
    {
        separate();
        append_json_string(text_, text);
        return *this;
    }
    JsonWriter& value(const std::string& text) { return value(std::string_view{text}); }
    JsonWriter& value(const char* text) { return value(std::string_view{text}); }
    JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
    JsonWriter& value(double number) { return std::isfinite(number) ? put_number(number) : null(); }
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) JsonWriter& value(Number number)
    {
        return put_number(number);
    }
    JsonWriter& null() { return raw("null"); }

    /// A value that is JSON text already.
    JsonWriter& raw(std::string_view json)
    {
        separate();
        text_ += json;
        return *this;
    }

    template <class Value>
    JsonWriter& member(std::string_view name, const Value& member_value)
    {
        return key(name).value(member_value);
    }

    const std::string& text() const noexcept { return text_; }
    std::string take() { return std::move(text_); }

private:
    template <class Number>
    JsonWriter& put_number(Number number)
    {
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        return raw({digits, static_cast<std::size_t>(end - digits)});
    }

    JsonWriter& open(char bracket)
    {
        separate();
        text_ += bracket;
        first_ = true;
        return *this;
    }

    JsonWriter& close(char bracket)
    {
        text_ += bracket;
        first_ = false;
        return *this;
    }

    void separate()
    {
        if (!first_) {
            text_ += ',';
        }
        first_ = false;
    }

    std::string text_;
    bool first_ = true;
};

}  // namespace gatehouse
