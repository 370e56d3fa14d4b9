#include "src/base/worker_slots.h"

#include <fcntl.h>
#include <unistd.h>

#include "src/base/crash_point.h"

namespace gatehouse {

Result<WorkerSlots> WorkerSlots::create(unsigned count)
{
    auto memory = SharedMemory::create("gatehouse-slots", count * sizeof(Word));
    if (!memory) {
        return Error{"worker slots: " + memory.error().message};
    }
    return WorkerSlots{std::move(*memory)};
}

std::span<WorkerSlots::Word> WorkerSlots::holders() const noexcept
{
    const auto bytes = memory_.writable();
    return {reinterpret_cast<Word*>(bytes.data()), bytes.size() / sizeof(Word)};
}

bool WorkerSlots::lock(unsigned slot, short type) const noexcept
{
    struct flock byte {};
    byte.l_type = type;
    byte.l_whence = SEEK_SET;
    byte.l_start = slot;
    byte.l_len = 1;
    return ::fcntl(memory_.fd(), F_SETLK, &byte) == 0;
}

std::optional<unsigned> WorkerSlots::claim(Reap reap) noexcept
{
    const auto words = holders();
    for (unsigned slot = 0; !mine_ && slot < words.size(); ++slot) {
        if (!lock(slot, F_WRLCK)) {
            continue;
        }
        crash_point();
        if (words[slot].load(std::memory_order_acquire) != 0) {
            reap(slot);
        }
        crash_point();
        words[slot].store(static_cast<std::uint32_t>(::getpid()), std::memory_order_release);
        mine_ = slot;
    }
    return mine_;
}

void WorkerSlots::reap_dead(Reap reap) noexcept
{
    const auto words = holders();
    for (unsigned slot = 0; slot < words.size(); ++slot) {
        // A process is never kept out by its own lock: its own slot is to be left alone.
        const bool in_use = words[slot].load(std::memory_order_acquire) != 0;
        if (!in_use || slot == mine_ || !lock(slot, F_WRLCK)) {
            continue;
        }
        if (words[slot].load(std::memory_order_acquire) != 0) {
            reap(slot);
            crash_point();
            words[slot].store(0, std::memory_order_release);
        }
        (void)lock(slot, F_UNLCK);
    }
}

}  // namespace gatehouse
