#include "sidecar/base/vector_writer.h"

#include <algorithm>
#include <utility>

namespace gatehouse::sidecar {
namespace {

constexpr std::size_t text_block = 64 << 10;

}  // namespace

VectorWriter::VectorWriter(Type type) : type_(std::move(type))
{
    if (type_.id == TypeId::list) {
        elements_ = std::make_unique<VectorWriter>(type_.children.at(0));
    }
}

void VectorWriter::added_row(bool valid)
{
    if (!valid && vector_.validity.empty()) {
        vector_.validity.assign(rows_ / 64 + 1, ~std::uint64_t{0});
    }
    if (!vector_.validity.empty()) {
        vector_.validity.resize(rows_ / 64 + 1, ~std::uint64_t{0});
        if (!valid) {
            vector_.validity.back() &= ~(std::uint64_t{1} << (rows_ & 63));
        }
    }
    ++rows_;
}

void VectorWriter::null()
{
    vector_.data.resize(vector_.data.size() + cell_size(type_));
    added_row(false);
}

char* VectorWriter::room_for(std::size_t bytes)
{
    text_bytes_ += bytes;
    if (bytes > block_left_) {
        block_left_ = std::max(bytes, text_block);
        block_next_ =
            vector_.texts.emplace_back(std::make_unique_for_overwrite<char[]>(block_left_)).get();
    }
    block_left_ -= bytes;
    return std::exchange(block_next_, block_next_ + bytes);
}

void VectorWriter::text(std::string_view bytes)
{
    Text cell{};
    cell.length = static_cast<std::uint32_t>(bytes.size());
    if (bytes.size() <= Text::short_length) {
        // Past `head` as well: a short text goes on where a long one has its pointer.
        std::copy(bytes.begin(), bytes.end(),
                  reinterpret_cast<char*>(&cell) + offsetof(Text, head));
    } else {
        char* place = room_for(bytes.size());
        std::memcpy(place, bytes.data(), bytes.size());
        std::memcpy(cell.head, bytes.data(), sizeof cell.head);
        cell.data = place;
    }
    this->cell(cell);
}

void VectorWriter::list()
{
    cell(ListEntry{listed_, elements_->rows() - listed_});
    listed_ = elements_->rows();
}

std::uint64_t VectorWriter::bytes() const noexcept
{
    return vector_.data.size() + text_bytes_ + vector_.validity.size() * 8 +
           (elements_ ? elements_->bytes() : 0);
}

Vector VectorWriter::finish() &&
{
    if (elements_) {
        vector_.child_rows = elements_->rows();
        vector_.children.push_back(std::move(*elements_).finish());
    }
    return std::move(vector_);
}

}  // namespace gatehouse::sidecar
