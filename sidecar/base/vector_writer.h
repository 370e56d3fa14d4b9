// One column of a Table, written cell by cell: for what reads rows from elsewhere.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "sidecar/base/table.h"

namespace gatehouse::sidecar {

/// REQUIRES: the type has cells of its own, or is a list of such; no structure, array or map.
class VectorWriter {
public:
    explicit VectorWriter(Type type);

    const Type& type() const noexcept { return type_; }
    std::uint64_t rows() const noexcept { return rows_; }

    void null();

    /// REQUIRES: Cell is the C++ type stated beside the column's TypeId.
    template <class Cell>
    void cell(const Cell& value)
    {
        const auto* bytes = reinterpret_cast<const std::byte*>(&value);
        vector_.data.insert(vector_.data.end(), bytes, bytes + sizeof value);
        added_row(true);
    }

    /// For text and blob. REQUIRES: fewer than 2^32 bytes; valid UTF-8 for text.
    void text(std::string_view bytes);

    /// For a list: its next row is what was written to elements() since the last one.
    VectorWriter& elements() noexcept { return *elements_; }
    void list();

    /// Bytes that this takes.
    std::uint64_t bytes() const noexcept;

    /// The writer is spent.
    Vector finish() &&;

private:
    void added_row(bool valid);
    char* room_for(std::size_t bytes);

    Type type_;
    Vector vector_;
    std::uint64_t rows_ = 0;
    std::uint64_t text_bytes_ = 0;
    std::size_t block_left_ = 0;
    char* block_next_ = nullptr;
    std::unique_ptr<VectorWriter> elements_;
    std::uint64_t listed_ = 0;  // elements that belong to rows
};

}  // namespace gatehouse::sidecar
