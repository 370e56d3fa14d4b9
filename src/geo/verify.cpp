#include "src/geo/verify.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/geo/metadata.h"
#include "src/geo/values.h"

namespace gatehouse::geo {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::string_view marker = "\xAB\xCD\xEFMaxMind.com";
constexpr std::size_t metadata_limit = 128 << 10;  // the marker is within so much of the end
constexpr std::size_t separator = 16;              // bytes between tree and data

/// Goes through the search tree from its root. Subtrees may be shared, as those of IPv4 are.
class Tree {
public:
    Tree(Bytes nodes, const Metadata& metadata, Bytes data)
        : nodes_(nodes),
          metadata_(metadata),
          data_(data),
          values_(data),
          heights_(metadata.node_count)
    {
    }

    Result<void> check()
    {
        const auto height = height_of(0, 0);
        return height ? Result<void>{} : height.error();
    }

private:
    /// Nodes on the longest way down from this one, itself included.
    Result<unsigned> height_of(std::uint64_t node, unsigned depth)
    {
        if (heights_[node] == 0 && depth < metadata_.address_bits()) {
            unsigned below = 0;
            for (const unsigned side : {0U, 1U}) {
                const auto height = check_record(record(node, side), depth);
                if (!height) {
                    return height;
                }
                below = std::max(below, *height);
            }
            heights_[node] = static_cast<std::uint8_t>(below + 1);
        }
        if (heights_[node] == 0 || depth + heights_[node] > metadata_.address_bits()) {
            return Error{"its search tree is deeper than an address has bits"};
        }
        return unsigned{heights_[node]};
    }

    Result<unsigned> check_record(std::uint64_t value, unsigned depth)
    {
        if (value < metadata_.node_count) {
            return height_of(value, depth + 1);
        }
        const auto offset = value - metadata_.node_count;
        if (offset == 0) {
            return 0U;  // nothing is known there
        }
        if (offset < separator || offset - separator >= data_.size()) {
            return Error{"its search tree leads out of its data"};
        }
        if (auto checked = values_.check(offset - separator); !checked) {
            return checked.error();
        }
        return 0U;
    }

    std::uint64_t byte(std::uint64_t at) const noexcept
    {
        return std::to_integer<std::uint64_t>(nodes_[at]);
    }

    /// In records of 28 bits the middle byte has the highest four of both.
    std::uint64_t record(std::uint64_t node, unsigned side) const noexcept
    {
        const auto whole = metadata_.record_bits / 8;
        const auto at = node * metadata_.node_bytes();
        const auto first = at + (side == 0 ? 0 : metadata_.node_bytes() - whole);
        std::uint64_t value = 0;
        if (metadata_.record_bits == 28) {
            value = side == 0 ? byte(at + 3) >> 4 : byte(at + 3) & 15;
        }
        for (std::uint64_t i = 0; i < whole; ++i) {
            value = value << 8 | byte(first + i);
        }
        return value;
    }

    Bytes nodes_;
    const Metadata& metadata_;
    Bytes data_;
    Values values_;
    std::vector<std::uint8_t> heights_;  // by node; 0: not known yet
};

}  // namespace

Result<void> verify(Bytes file)
{
    const auto window = file.last(std::min(file.size(), metadata_limit));
    const std::string_view text{reinterpret_cast<const char*>(window.data()), window.size()};
    const auto found = text.rfind(marker);
    if (found == text.npos) {
        return Error{"it is no MaxMind database (.mmdb): it has no metadata at its end"};
    }
    const auto marker_at = file.size() - window.size() + found;
    const auto metadata = read_metadata(file.subspan(marker_at + marker.size()));
    if (!metadata) {
        return metadata.error();
    }
    const auto tree_bytes = metadata->tree_bytes();
    if (tree_bytes + separator > marker_at) {
        return Error{"it is shorter than its search tree"};
    }
    const auto data_at = tree_bytes + separator;
    return Tree{file.first(tree_bytes), *metadata, file.subspan(data_at, marker_at - data_at)}
        .check();
}

}  // namespace gatehouse::geo
