// Small JSON documents (RFC 8259), scanned in place into nodes that lie in the order of the text.
//
// jansson makes an object of every value: 36,000 instructions for the header and the claims of an
// ordinary JWT, four times what the whole check may cost. This scanner allocates nothing, and what
// it makes can be copied as bytes. It takes what jansson takes with JSON_REJECT_DUPLICATES and
// JSON_ALLOW_NUL, which t/fuzz/jwt_fuzz.cpp compares, but for four things. It refuses what is
// nested deeper than max_json_depth, and a NUL after a number, which jansson swallows. It takes
// names with \u0000, and numbers out of jansson's range, whose digits it keeps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::auth {

inline constexpr std::size_t max_json_bytes = 0xFFFF;
inline constexpr int max_json_depth = 16;

enum class JsonType : std::uint8_t { null, boolean, number, string, array, object };

/// Offsets are into the scanned text. A node is followed by those of its members or elements.
struct JsonNode {
    std::uint16_t name = 0;  ///< of a member of an object
    std::uint16_t name_size = 0;
    std::uint16_t at = 0;  ///< of a string without quotes and escapes; nothing of array and object
    std::uint16_t size = 0;
    std::uint16_t nodes = 0;  ///< this one and all within it
    JsonType type = JsonType::null;
};

static_assert(sizeof(JsonNode) == 12);

/// No text of this length has more.
constexpr std::size_t max_json_nodes(std::size_t bytes) noexcept
{
    return bytes / 2 + 1;
}

/// The number of nodes, or 0 when the text is not one object: malformed, a name twice in one
/// object, not UTF-8, too deep, too long. Unescapes strings in place, so the text is JSON no more.
/// REQUIRES: `nodes` has room for max_json_nodes(size).
std::size_t scan_json_object(char* text, std::size_t size, JsonNode* nodes) noexcept;

/// One value of a scanned text, or none. Points into text and nodes.
class JsonValue {
public:
    class Iterator;

    JsonValue() noexcept = default;
    JsonValue(const char* text, const JsonNode* node) noexcept : text_(text), node_(node) {}

    explicit operator bool() const noexcept { return node_ != nullptr; }

    // REQUIRES, for all that follows: there is a value.

    JsonType type() const noexcept { return node_->type; }
    bool is(JsonType type) const noexcept { return node_->type == type; }

    /// A string's characters, a number's digits, true, false or null; empty for array and object.
    std::string_view text() const noexcept { return {text_ + node_->at, node_->size}; }
    std::string_view name() const noexcept { return {text_ + node_->name, node_->name_size}; }

    /// None when this is no object or has no such member.
    JsonValue member(std::string_view name) const noexcept;

    /// A whole number from 0 to 2^53 - 1 without fraction or exponent: what every JSON reader reads
    /// alike (RFC 7493 §2.2).
    std::optional<std::int64_t> whole() const noexcept;

    /// Members or elements.
    Iterator begin() const noexcept;
    Iterator end() const noexcept;

private:
    const char* text_ = nullptr;
    const JsonNode* node_ = nullptr;
};

class JsonValue::Iterator {
public:
    Iterator(const char* text, const JsonNode* node) noexcept : text_(text), node_(node) {}

    JsonValue operator*() const noexcept { return {text_, node_}; }
    Iterator& operator++() noexcept
    {
        node_ += node_->nodes;
        return *this;
    }
    bool operator!=(const Iterator& other) const noexcept { return node_ != other.node_; }

private:
    const char* text_;
    const JsonNode* node_;
};

inline JsonValue::Iterator JsonValue::begin() const noexcept
{
    return {text_, node_ + 1};
}

inline JsonValue::Iterator JsonValue::end() const noexcept
{
    return {text_, node_ + node_->nodes};
}

}  // namespace gatehouse::auth
