// A snapshot together with the memory that holds it.
//
// Thread safety: immutable; shared through shared_ptr, so that a response in flight keeps its bytes
// whatever is published meanwhile.
#pragma once

#include <memory>
#include <utility>

#include "src/base/sealed_memory.h"
#include "src/board/snapshot.h"

namespace gatehouse::board {

class Published {
public:
    /// One snapshot of `memory` that begins at `offset`: several may share one memory (an archive).
    static Result<std::shared_ptr<const Published>> open(std::shared_ptr<const SealedMemory> memory,
                                                         std::size_t offset = 0)
    {
        if (offset > memory->bytes().size()) {
            return Error{"snapshot: begins past the end of its memory"};
        }
        auto view = SnapshotView::open(memory->bytes().subspan(offset));
        if (!view) {
            return view.error();
        }
        return std::make_shared<const Published>(std::move(memory), offset, *view);
    }

    Published(std::shared_ptr<const SealedMemory> memory, std::size_t offset, SnapshotView view)
        : memory_(std::move(memory)), offset_(offset), view_(view)
    {
    }

    const SnapshotView& view() const noexcept { return view_; }

    /// For sendfile: a body lies at offset() + Representation::body_offset of this descriptor.
    int fd() const noexcept { return memory_->fd(); }
    std::size_t offset() const noexcept { return offset_; }

    /// True if this snapshot is all its memory holds, so that fd() may be sent to a peer.
    bool owns_memory() const noexcept
    {
        return offset_ == 0 && view_.total_size() == memory_->bytes().size();
    }

    std::span<const std::byte> bytes() const noexcept
    {
        return memory_->bytes().subspan(offset_, view_.total_size());
    }

private:
    std::shared_ptr<const SealedMemory> memory_;
    std::size_t offset_;
    SnapshotView view_;
};

}  // namespace gatehouse::board
