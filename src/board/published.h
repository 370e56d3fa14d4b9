// A snapshot together with the memory that holds it.
//
// Thread safety: immutable; shared through shared_ptr, so that a response in flight keeps its bytes
// whatever is published meanwhile.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "src/base/sealed_memory.h"
#include "src/board/snapshot.h"

namespace gatehouse::board {

/// From here on a body goes out by sendfile. Below, copying it into the socket costs less than the
/// extra calls; the two are equal at 40 to 100 KiB, by machine: see bench/README.md.
inline constexpr std::size_t sendfile_threshold = 48 << 10;

class Published {
public:
    /// A snapshot that is all its memory holds, as it comes to whoever only serves it: the
    /// descriptor is closed where no body is large enough to be sent by it.
    static Result<std::shared_ptr<const Published>> adopt(SealedMemory memory)
    {
        auto view = SnapshotView::open(memory.bytes());
        if (!view) {
            return view.error();
        }
        if (!has_large_body(*view)) {
            memory.close_descriptor();
        }
        return std::make_shared<const Published>(
            std::make_shared<const SealedMemory>(std::move(memory)), 0, *view);
    }

    /// One snapshot of `memory` that begins at `offset`: several may share one memory (an archive).
    static Result<std::shared_ptr<const Published>> open(
        const std::shared_ptr<const SealedMemory>& memory, std::size_t offset = 0)
    {
        if (offset > memory->bytes().size()) {
            return Error{"snapshot: begins past the end of its memory"};
        }
        auto view = SnapshotView::open(memory->bytes().subspan(offset));
        if (!view) {
            return view.error();
        }
        return std::make_shared<const Published>(memory, offset, *view);
    }

    /// In memory of this process alone: one that few ask for, which costs no descriptor and no
    /// mapping.
    static Result<std::shared_ptr<const Published>> unsealed(std::vector<std::byte> bytes)
    {
        auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
        auto view = SnapshotView::open(*owner);
        if (!view) {
            return view.error();
        }
        return std::make_shared<const Published>(owner, std::span{*owner}, -1, 0, *view);
    }

    Published(const std::shared_ptr<const SealedMemory>& memory, std::size_t offset,
              SnapshotView view)
        : Published(memory, memory->bytes(), memory->fd(), offset, view)
    {
    }

    /// `owner` keeps `memory`, which has the snapshot at `offset`.
    Published(std::shared_ptr<const void> owner, std::span<const std::byte> memory, int fd,
              std::size_t offset, SnapshotView view)
        : owner_(std::move(owner)), memory_(memory), fd_(fd), offset_(offset), view_(view)
    {
    }

    const SnapshotView& view() const noexcept { return view_; }

    /// The same bytes in sealed memory, for whoever serves them.
    Result<std::shared_ptr<const Published>> sealed() const
    {
        auto memory = SealedMemory::create(
            "gatehouse-card", bytes().size(), [this](std::span<std::byte> out) -> Result<void> {
                std::copy(bytes().begin(), bytes().end(), out.begin());
                return {};
            });
        return memory ? open(std::make_shared<const SealedMemory>(std::move(*memory)))
                      : memory.error();
    }

    /// For sendfile: a body lies at offset() + Representation::body_offset of this descriptor. -1
    /// where adopt() closed it, and where it is not sealed.
    int fd() const noexcept { return fd_; }
    std::size_t offset() const noexcept { return offset_; }

    /// True if this snapshot is all its memory holds, so that fd() may be sent to a peer.
    bool owns_memory() const noexcept
    {
        return offset_ == 0 && view_.total_size() == memory_.size();
    }

    std::span<const std::byte> bytes() const noexcept
    {
        return memory_.subspan(offset_, view_.total_size());
    }

private:
    static bool has_large_body(const SnapshotView& view) noexcept
    {
        for (std::size_t slot = 0; slot < representation_slots; ++slot) {
            const auto format = static_cast<Format>(slot / encoding_count);
            const auto encoding = static_cast<Encoding>(slot % encoding_count);
            if (view.encodings(format).contains(encoding) &&
                view.representation(format, encoding).body.size() >= sendfile_threshold) {
                return true;
            }
        }
        return false;
    }

    std::shared_ptr<const void> owner_;
    std::span<const std::byte> memory_;
    int fd_;
    std::size_t offset_;
    SnapshotView view_;
};

}  // namespace gatehouse::board
