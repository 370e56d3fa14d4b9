#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/worker_slot.h"

#include <algorithm>
#include <vector>

#include "ngx_module/glue/guard.h"
#include "src/base/worker_slots.h"

namespace gatehouse::glue {

namespace {

// What a dead worker held is promised back within a second.
constexpr ngx_msec_t reap_interval_ms = 500;
constexpr unsigned fewest_slots = 32;

// Workers of the configurations before drain beside those of this one.
constexpr unsigned slots_per_worker = 8;

/// Static, as they outlive every cycle: nginx keeps the object loaded from one to the next.
std::optional<WorkerSlots> slots;
std::vector<void (*)(unsigned)> reapers;

void reap(unsigned slot) noexcept
{
    for (auto* reaper : reapers) {
        reaper(slot);
    }
}

struct Rounds {
    ngx_event_t timer{};

    void make()
    {
        slots->reap_dead(reap);
        ngx_add_timer(&timer, reap_interval_ms);
    }
};

Rounds rounds;

void start_rounds(ngx_cycle_t& cycle)
{
    rounds.timer.data = &rounds;
    rounds.timer.handler = on_event<Rounds, &Rounds::make>;
    rounds.timer.log = cycle.log;
    rounds.timer.cancelable = 1;  // does not keep an exiting worker alive
    ngx_add_timer(&rounds.timer, reap_interval_ms);
}

unsigned workers_of(const ngx_cycle_t& cycle) noexcept
{
    const auto* core =
        reinterpret_cast<const ngx_core_conf_t*>(ngx_get_conf(cycle.conf_ctx, ngx_core_module));
    return core->worker_processes > 0 ? static_cast<unsigned>(core->worker_processes) : 1;
}

}  // namespace

std::optional<unsigned> worker_slot() noexcept
{
    return slots ? slots->mine() : std::nullopt;
}

unsigned worker_slot_count() noexcept
{
    return slots ? slots->count() : 0;
}

void on_slot_reaped(void (*reap)(unsigned slot))
{
    if (std::find(reapers.begin(), reapers.end(), reap) == reapers.end()) {
        reapers.push_back(reap);
    }
}

void make_worker_slots(ngx_cycle_t& cycle)
{
    const unsigned workers = workers_of(cycle);
    if (slots) {
        if (2 * workers > slots->count()) {
            ngx_log_error(NGX_LOG_WARN, cycle.log, 0,
                          "gatehouse: %ui worker processes, and during a reload as many again, are "
                          "more than the %ui slots nginx was started with: those without a slot "
                          "count nothing; restart nginx",
                          static_cast<ngx_uint_t>(workers),
                          static_cast<ngx_uint_t>(slots->count()));
        }
        return;
    }
    auto made = WorkerSlots::create(
        std::clamp(slots_per_worker * workers, fewest_slots, WorkerSlots::most));
    if (!made) {
        ngx_log_error(NGX_LOG_ERR, cycle.log, 0, "gatehouse: %s", made.error().message.c_str());
        return;
    }
    slots.emplace(std::move(*made));
}

void claim_worker_slot(ngx_cycle_t& cycle)
{
    if (!slots) {
        return;
    }
    if (!slots->claim(reap)) {
        ngx_log_error(NGX_LOG_ERR, cycle.log, 0,
                      "gatehouse: all %ui worker slots are held: this worker counts nothing, and "
                      "its limits on connections let everything pass",
                      static_cast<ngx_uint_t>(slots->count()));
    }
    start_rounds(cycle);
}

}  // namespace gatehouse::glue
