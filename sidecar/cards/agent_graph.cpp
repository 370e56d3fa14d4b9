// Cards that read cards: members of CardAgent.
#include "sidecar/cards/run.h"

namespace gatehouse::sidecar {

/// To the cards that it reads, if it follows them.
void CardAgent::add_reader(const Run& run)
{
    if (!std::holds_alternative<config::OnChange>(run.card.refresh)) {
        return;
    }
    for (const auto& read : run.card.cards) {
        if (const auto found = runs_.find(read); found != runs_.end()) {
            found->second->readers.push_back(run.card.name);
        }
    }
}

/// REQUIRES: the configuration's check has found no circle.
void CardAgent::find_inner()
{
    for (auto& [name, run] : runs_) {
        run->readers.clear();
    }
    for (auto& [name, run] : runs_) {
        add_reader(*run);
        run->inner.clear();
        std::vector<std::string> next = run->card.cards;
        while (!next.empty()) {
            const auto inner = runs_.find(next.back());
            next.pop_back();
            if (inner != runs_.end() && run->inner.insert(inner->first).second) {
                const auto& more = inner->second->card.cards;
                next.insert(next.end(), more.begin(), more.end());
            }
        }
    }
}

bool CardAgent::awaits_inner(Run& run, Now now) const
{
    bool awaits = false;
    for (const auto& name : run.inner) {
        const Run& inner = *runs_.at(name);
        if (inner.schedule.running() || inner.schedule.ready(now) != Work::none) {
            const auto seen = run.waits_for.emplace(name, inner.ended).first->second;
            awaits = awaits || seen == inner.ended;
        }
    }
    return awaits;
}

void CardAgent::wake_readers(const Run& run)
{
    for (const auto& reader : run.readers) {
        want(runs_.at(reader), Work::verify);
    }
}

}  // namespace gatehouse::sidecar
