#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/tables.h"

#include <memory>
#include <optional>
#include <utility>

#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/worker_tables.h"

namespace gatehouse::health_feature {

namespace {

using health::HealthTable;
using health::State;

struct Held {
    std::shared_ptr<const SealedMemory> memory;
    HealthTable table;
    std::uint64_t epoch;
    std::uint64_t losses;  ///< of the sidecar when the table came
};

std::optional<Held> while_up;
std::optional<Held> while_away;
std::uint64_t last_epoch = 0;

/// Of the sidecar when it sent a table "health" that cannot be read; nothing: the last one can be.
std::optional<std::uint64_t> losses_at_refusal;

Result<Held> held_of(board::Table table)
{
    auto opened = HealthTable::open(table.memory->bytes());
    if (!opened) {
        return opened.error();
    }
    return Held{std::move(table.memory), *opened, ++last_epoch, glue::sidecar_state().losses};
}

Result<void> take_while_up(board::Table table)
{
    auto held = held_of(std::move(table));
    if (!held) {
        losses_at_refusal = glue::sidecar_state().losses;
        return held.error();
    }
    losses_at_refusal.reset();
    while_up = std::move(*held);
    return {};
}

Result<void> take_while_away(board::Table table)
{
    auto held = held_of(std::move(table));
    if (!held) {
        return held.error();
    }
    while_away = std::move(*held);
    return {};
}

std::uint64_t down_after_ms() noexcept
{
    for (const auto* held : {&while_away, &while_up}) {
        if (*held) {
            return (*held)->table.down_after_ms();
        }
    }
    return health::default_down_after_ms;
}

State state_while_away() noexcept
{
    const auto limit = down_after_ms();
    const ngx_msec_t away = ngx_current_msec - glue::sidecar_state().since;
    return limit != 0 && away >= limit ? State::down : State::degraded;
}

/// What an earlier connection brought may be of a sidecar with another configuration.
bool is_told_by_who_is_there(const std::optional<Held>& held) noexcept
{
    return held && glue::sidecar_is_there() && held->losses == glue::sidecar_state().losses;
}

bool is_refused() noexcept
{
    return glue::sidecar_is_there() && losses_at_refusal == glue::sidecar_state().losses;
}

/// What cannot be read may be anything: nobody is told that all is well, nor better than before.
State state_while_refused() noexcept
{
    const bool was_down =
        is_told_by_who_is_there(while_up) && while_up->table.state() == State::down;
    return was_down ? State::down : State::degraded;
}

Situation situation_by(State state, const std::optional<Held>& held) noexcept
{
    return held ? Situation{state, &held->table, held->epoch} : Situation{state, nullptr, 0};
}

}  // namespace

void take_health_tables()
{
    glue::on_table(health::table_name, take_while_up);
    glue::on_table(health::away_table_name, take_while_away);
}

Situation situation() noexcept
{
    if (is_refused()) {
        return {state_while_refused(), nullptr, 0};
    }
    if (is_told_by_who_is_there(while_up)) {
        return situation_by(while_up->table.state(), while_up);
    }
    if (glue::sidecar_is_up() || !glue::sidecar_state().expected) {
        return {State::up, nullptr, 0};
    }
    return situation_by(state_while_away(), while_away);
}

bool health_is_refused() noexcept
{
    return is_refused();
}

const HealthTable* health_table() noexcept
{
    return !is_refused() && is_told_by_who_is_there(while_up) ? &while_up->table : nullptr;
}

}  // namespace gatehouse::health_feature
