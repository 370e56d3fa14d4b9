// This worker's slot: which column of a shared table is its own to write.
//
// The slots are made once, in the master, and outlive every configuration. A worker has its slot
// from the start of its init_process on; slots of workers that died are reaped by the next worker
// that takes the slot, and by a timer of half a second in every worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>

namespace gatehouse::glue {

/// Nothing in the master, in helper processes, and in a worker for which none was left: such a
/// worker counts nothing and holds nothing. A plain read.
std::optional<unsigned> worker_slot() noexcept;

/// How many columns a table needs. From the first init_module on it never changes; 0: there are no
/// slots.
unsigned worker_slot_count() noexcept;

/// `reap` will be called for the slot of a worker that died, also for one that died long ago and
/// whose slot this worker takes, and must bear being repeated for the same death. To be called from
/// postconfiguration or init_module; registering twice is the same as once.
void on_slot_reaped(void (*reap)(unsigned slot));

// --- for the feature that owns the slots (telemetry), which is the first of all modules ---

/// In init_module: makes the slots, once in the life of the master.
void make_worker_slots(ngx_cycle_t& cycle);

/// In init_process of a worker.
void claim_worker_slot(ngx_cycle_t& cycle);

}  // namespace gatehouse::glue
