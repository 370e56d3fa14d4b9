// Goes through the values of a MaxMind DB's data section and finds what is damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/geo/item.h"

namespace gatehouse::geo {

class Values {
public:
    explicit Values(std::span<const std::byte> section)
        : section_(section), known_(section.size()), open_(section.size())
    {
    }

    /// A value that a record or a pointer leads to, and all that belongs to it. What was found
    /// sound once is not gone through again.
    Result<void> check(std::size_t offset) { return check(offset, 0); }

private:
    Result<void> check(std::size_t offset, unsigned depth);
    /// Returns where the value ends.
    Result<std::size_t> walk(std::size_t offset, unsigned depth);
    Result<std::size_t> follow(const Item& pointer, std::size_t offset, unsigned depth);
    Result<std::size_t> walk_items(const Item& items, unsigned depth);
    bool is_key(std::size_t offset) const noexcept;

    std::span<const std::byte> section_;
    std::vector<bool> known_;  // by offset
    std::vector<bool> open_;   // being gone through
    std::uint64_t walked_ = 0;
};

}  // namespace gatehouse::geo
