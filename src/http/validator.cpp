#include "src/http/validator.h"

#include "src/http/field.h"

namespace gatehouse::http {
namespace {

struct EntityTag {
    std::string_view opaque;  // with its quotes; empty: none, or malformed
    bool weak = false;
};

void skip_separators(std::string_view& rest) noexcept
{
    while (!rest.empty() && (is_ows(rest.front()) || rest.front() == ',')) {
        rest.remove_prefix(1);
    }
}

/// Takes one member and what separates it from the next off the front of `rest`.
EntityTag take_tag(std::string_view& rest) noexcept
{
    EntityTag tag;
    if (rest.starts_with("W/")) {
        tag.weak = true;
        rest.remove_prefix(2);
    }
    if (!rest.starts_with('"')) {
        return {};
    }
    const std::size_t end = rest.find('"', 1);
    if (end == std::string_view::npos) {
        return {};
    }
    tag.opaque = rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
    while (!rest.empty() && is_ows(rest.front())) {
        rest.remove_prefix(1);
    }
    if (!rest.empty() && rest.front() != ',') {
        return {};
    }
    skip_separators(rest);
    return tag;
}

}  // namespace

bool matches_etag_list(std::string_view field, std::string_view etag,
                       Comparison comparison) noexcept
{
    if (field == etag || trim_ows(field) == "*") {
        return true;
    }
    skip_separators(field);
    while (!field.empty()) {
        const EntityTag tag = take_tag(field);
        if (tag.opaque.empty()) {
            return false;
        }
        if (tag.opaque == etag && (comparison == Comparison::weak || !tag.weak)) {
            return true;
        }
    }
    return false;
}

}  // namespace gatehouse::http
