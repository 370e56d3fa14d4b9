#include "src/geo/values.h"

#include <string>
#include <string_view>

#include "src/base/utf8.h"

namespace gatehouse::geo {

namespace {

constexpr unsigned deepest = 64;  // maps, arrays and pointers in one another

bool is_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        if (static_cast<unsigned char>(text.front()) < 0x80) {
            text.remove_prefix(1);
            continue;
        }
        const auto step = utf8_step(text);
        if (!step.valid) {
            return false;
        }
        text.remove_prefix(step.size);
    }
    return true;
}

Error flaw_at(std::size_t offset, const char* what)
{
    return Error{std::string{what} + " at byte " + std::to_string(offset) + " of its data"};
}

}  // namespace

Result<void> Values::check(std::size_t offset, unsigned depth)
{
    if (offset >= section_.size()) {
        return flaw_at(offset, "a pointer beyond the end");
    }
    if (known_[offset]) {
        return {};
    }
    if (open_[offset]) {
        return flaw_at(offset, "a value that contains itself");
    }
    open_[offset] = true;
    const auto end = walk(offset, depth);
    if (!end) {
        return end.error();
    }
    open_[offset] = false;
    known_[offset] = true;
    return {};
}

Result<std::size_t> Values::walk(std::size_t offset, unsigned depth)
{
    const auto item = read_item(section_, offset);
    if (!item) {
        return flaw_at(offset, "no value");
    }
    // Pointers may lead into the midst of other values: without a bound, a file could be made that
    // takes years.
    if (depth > deepest || ++walked_ > 16 * section_.size()) {
        return flaw_at(offset, "values too deep in one another");
    }
    switch (item->type) {
    case ItemType::pointer: return follow(*item, offset, depth);
    case ItemType::map:
    case ItemType::array: return walk_items(*item, depth);
    case ItemType::text:
        if (!is_utf8(text_of(section_, *item))) {
            return flaw_at(offset, "a text that is no UTF-8");
        }
        return item->end;
    default: return item->end;
    }
}

Result<std::size_t> Values::follow(const Item& pointer, std::size_t offset, unsigned depth)
{
    const auto target = read_item(section_, pointer.target);
    if (target && target->type == ItemType::pointer) {
        return flaw_at(offset, "a pointer to a pointer");
    }
    if (auto checked = check(pointer.target, depth + 1); !checked) {
        return checked.error();
    }
    return pointer.end;
}

Result<std::size_t> Values::walk_items(const Item& items, unsigned depth)
{
    const bool is_map = items.type == ItemType::map;
    const auto count = std::uint64_t{items.size} * (is_map ? 2 : 1);
    auto offset = items.end;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (is_map && i % 2 == 0 && !is_key(offset)) {
            return flaw_at(offset, "a map's key that is no text");
        }
        const auto end = walk(offset, depth + 1);
        if (!end) {
            return end;
        }
        offset = *end;
    }
    return offset;
}

bool Values::is_key(std::size_t offset) const noexcept
{
    auto item = read_item(section_, offset);
    if (item && item->type == ItemType::pointer) {
        item = read_item(section_, item->target);
    }
    return item && item->type == ItemType::text;
}

}  // namespace gatehouse::geo
