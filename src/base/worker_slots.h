// Worker slots: small numbers for the processes that write a column of shared memory each, so that
// every column has one writer.
//
// A slot is held by a POSIX record lock on one byte of a memfd. The kernel gives the lock up when
// its process ends, however it ends, and nobody else can: no process id is compared, none can be
// mistaken for a later process of the same number.
//
// Beside the locks lies one word per slot, 0 or the holder's process id. A slot whose word is set
// and whose byte is not locked belonged to a process that died; whoever finds it first *reaps* it:
// undoes, while holding the lock, what the dead process held, then clears the word. A process that
// dies while it reaps leaves the slot to be reaped again, so reaping must bear being repeated.
//
// Thread safety: between processes all of it; within one process, one thread.
// REQUIRES: the process closes no other descriptor of this memfd, which would end its locks. That
// is why the descriptor is never handed out.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include "src/base/result.h"
#include "src/base/shared_memory.h"

namespace gatehouse {

class WorkerSlots {
public:
    static constexpr unsigned most = 1024;

    /// Undoes what the dead holder of a slot held.
    using Reap = void (*)(unsigned slot);

    /// To be called in the parent of all that will claim. REQUIRES: 1 ≤ count ≤ most.
    static Result<WorkerSlots> create(unsigned count);

    unsigned count() const noexcept { return static_cast<unsigned>(holders().size()); }

    /// The lowest slot that nobody holds becomes this process's own until it ends; it is reaped
    /// first if a dead process left it. Nothing if all are held. A second call returns the same.
    std::optional<unsigned> claim(Reap reap) noexcept;

    /// Reaps the slots of processes that died. Costs one system call per slot in use.
    void reap_dead(Reap reap) noexcept;

    /// This process's slot.
    std::optional<unsigned> mine() const noexcept { return mine_; }

private:
    using Word = std::atomic<std::uint32_t>;
    static_assert(Word::is_always_lock_free && sizeof(Word) == 4);

    explicit WorkerSlots(SharedMemory memory) noexcept : memory_(std::move(memory)) {}

    std::span<Word> holders() const noexcept;
    bool lock(unsigned slot, short type) const noexcept;

    SharedMemory memory_;
    std::optional<unsigned> mine_;
};

}  // namespace gatehouse
