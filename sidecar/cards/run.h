// What the cards agent knows of one card. Private to agent*.cpp.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/cards/agent.h"

namespace gatehouse::sidecar {

/// One configured card. A run whose card is changed or forgotten meanwhile is told by `version`.
struct CardAgent::Run {
    Run(config::Card definition, Rhythm rhythm)
        : card(std::move(definition)), schedule(std::move(rhythm))
    {
    }

    config::Card card;
    Schedule schedule;
    std::int64_t due_ms = 0;  // steady, as it stands in due_; nothing there while it runs
    unsigned version = 0;
    std::stop_source stop;
    std::function<bool()>
        sources_unchanged;             // empty until the first computation under this version
    std::set<std::string> inner;       // cards it reads, and those that these read
    std::vector<std::string> readers;  // cards that read it and follow it
    std::map<std::string, unsigned> waits_for;  // of those: how many runs they had ended by then
    unsigned ended = 0;                         // runs
    bool settled = false;
    bool current = false;
    bool restored = false;  // its data were kept, and not computed since
    std::uint64_t computations = 0;
    bool awaits_room = false;  // its last result was refused by the board
    std::string error;
    std::int64_t failing_since_ms = 0;
    std::uint64_t rows = 0;
    std::vector<Column> columns;
    RefreshCounts counts;
    std::vector<Waiter> waiters;      // for the next computation to start
    std::vector<Waiter> run_waiters;  // for the one under way
};

/// Answers all and forgets them.
inline void answer(std::vector<CardAgent::Waiter>& waiters, const Outcome& outcome)
{
    for (const auto& waiter : std::exchange(waiters, {})) {
        waiter(outcome);
    }
}

}  // namespace gatehouse::sidecar
