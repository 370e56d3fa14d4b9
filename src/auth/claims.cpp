#include "src/auth/claims.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace gatehouse::auth {

namespace {

JsonValue find_in(JsonValue object, std::string_view path) noexcept
{
    if (const JsonValue exact = object.member(path)) {
        return exact;
    }
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
        const JsonValue outer = object.member(path.substr(0, dot));
        if (!outer) {
            continue;
        }
        if (const JsonValue inner = find_in(outer, path.substr(dot + 1))) {
            return inner;
        }
    }
    return {};
}

bool is_scalar(JsonValue value) noexcept
{
    return value.is(JsonType::string) || value.is(JsonType::number) || value.is(JsonType::boolean);
}

bool is_one_line(std::string_view text) noexcept
{
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// RFC 6749 §3.3.
bool is_scope_token(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

bool has_string(JsonValue array, std::string_view text) noexcept
{
    for (const JsonValue element : array) {
        if (element.is(JsonType::string) && element.text() == text) {
            return true;
        }
    }
    return false;
}

}  // namespace

JsonValue Claims::find(std::string_view path) const noexcept
{
    return empty() ? JsonValue{} : find_in(root(), path);
}

std::size_t Claims::bytes() const noexcept
{
    return empty() ? 0 : nodes_->nodes * sizeof(JsonNode) + text_size_;
}

Claims Claims::copy_to(void* memory) const noexcept
{
    const std::size_t node_bytes = nodes_->nodes * sizeof(JsonNode);
    auto* nodes = static_cast<JsonNode*>(std::memcpy(memory, nodes_, node_bytes));
    auto* text = static_cast<char*>(memory) + node_bytes;
    std::memcpy(text, text_, text_size_);
    return {text, text_size_, nodes};
}

std::string_view claim_text(JsonValue claim) noexcept
{
    return claim && is_scalar(claim) && is_one_line(claim.text()) ? claim.text()
                                                                  : std::string_view{};
}

bool append_claim_text(std::string& out, JsonValue claim)
{
    if (!claim) {
        return false;
    }
    if (is_scalar(claim)) {
        const bool fits = is_one_line(claim.text());
        out += fits ? claim.text() : std::string_view{};
        return fits;
    }
    if (!claim.is(JsonType::array)) {
        return false;
    }
    for (const JsonValue element : claim) {
        if (!is_scalar(element) || !is_one_line(element.text())) {
            return false;
        }
    }
    const char* comma = "";
    for (const JsonValue element : claim) {
        out += comma;
        out += element.text();
        comma = ",";
    }
    return true;
}

bool claim_is(JsonValue claim, std::string_view text) noexcept
{
    if (!claim) {
        return false;
    }
    if (is_scalar(claim)) {
        return claim.text() == text;
    }
    if (claim.is(JsonType::array)) {
        for (const JsonValue element : claim) {
            if (is_scalar(element) && element.text() == text) {
                return true;
            }
        }
    }
    return false;
}

bool Scopes::next_claim() noexcept
{
    constexpr std::array<std::string_view, 3> names{"scope", "scp", "roles"};
    while (claim_ < names.size() && !claims_.empty()) {
        const auto name = names[claim_++];
        const JsonValue claim = claims_.root().member(name);
        if (!claim) {
            continue;
        }
        if (claim.is(JsonType::array)) {
            array_ = claim;
            element_ = claim.begin();
            return true;
        }
        if (claim.is(JsonType::string) && name != "roles") {
            words_ = claim.text();
            return true;
        }
    }
    return false;
}

bool Scopes::next(std::string_view& scope) noexcept
{
    do {
        while (!words_.empty()) {
            const auto end = std::min(words_.find(' '), words_.size());
            scope = words_.substr(0, end);
            words_.remove_prefix(std::min(end + 1, words_.size()));
            if (!scope.empty()) {
                return true;
            }
        }
        for (; array_ && element_ != array_.end(); ++element_) {
            const JsonValue element = *element_;
            if (element.is(JsonType::string) && !element.text().empty()) {
                scope = element.text();
                ++element_;
                return true;
            }
        }
        array_ = {};
    } while (next_claim());
    return false;
}

bool has_scope(const Claims& claims, std::string_view scope) noexcept
{
    Scopes scopes{claims};
    for (std::string_view each; scopes.next(each);) {
        if (each == scope) {
            return true;
        }
    }
    return false;
}

bool has_role(const Claims& claims, std::string_view role) noexcept
{
    const JsonValue roles = claims.empty() ? JsonValue{} : claims.root().member("roles");
    if (!roles) {
        return false;
    }
    return roles.is(JsonType::array) ? has_string(roles, role)
                                     : roles.is(JsonType::string) && roles.text() == role;
}

void append_scopes(std::string& out, const Claims& claims)
{
    const char* blank = "";
    Scopes scopes{claims};
    for (std::string_view scope; scopes.next(scope);) {
        if (is_scope_token(scope)) {
            out += blank;
            out += scope;
            blank = " ";
        }
    }
}

}  // namespace gatehouse::auth
