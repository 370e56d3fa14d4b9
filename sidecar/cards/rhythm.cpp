#include "sidecar/cards/rhythm.h"

#include <algorithm>
#include <functional>
#include <string>

#include "sidecar/base/cron.h"

namespace gatehouse::sidecar {

namespace {

using UnixMs = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;

/// Of cards that refresh so often there may be many, and all begin together.
constexpr Milliseconds spread_up_to{10'000};

struct RhythmOf {
    const config::Card& card;

    Rhythm operator()(const config::OnChange&) const
    {
        constexpr Milliseconds shortest{100};
        return {.verify_every = std::max<Milliseconds>(card.max_age / 2, shortest)};
    }

    /// Nothing is computed before somebody asks.
    Rhythm operator()(const config::OnDemand&) const { return {}; }

    Rhythm operator()(const config::Every& every) const
    {
        Rhythm rhythm{.interval = every.interval};
        if (every.interval <= spread_up_to) {
            const auto share = std::hash<std::string>{}(card.name) % 1000;
            rhythm.first = every.interval * (share + 1) / 1000;
        }
        return rhythm;
    }

    Rhythm operator()(const config::Cron& cron) const
    {
        const auto expression = CronExpression::parse(cron.expression);
        const auto* zone = find_time_zone(cron.tz);
        if (!expression || zone == nullptr) {
            return {};  // the configuration's check refuses both
        }
        return {.next_run = [expression = *expression, zone](std::int64_t after_ms) {
            const auto next = expression.next_after(UnixMs{Milliseconds{after_ms}}, *zone);
            return next ? std::optional{std::chrono::duration_cast<Milliseconds>(
                                            next->time_since_epoch())
                                            .count()}
                        : std::nullopt;
        }};
    }
};

}  // namespace

Rhythm rhythm_of(const config::Card& card)
{
    return std::visit(RhythmOf{card}, card.refresh);
}

}  // namespace gatehouse::sidecar
