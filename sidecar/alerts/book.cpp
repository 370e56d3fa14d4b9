#include "sidecar/alerts/book.h"

#include <algorithm>

namespace gatehouse::alerts {

namespace {

constexpr std::int64_t flapping_within_ms = 3'600'000;
constexpr std::int64_t flapping_from = 2;  ///< times that it was over before
constexpr std::int64_t first_damping_ms = 30'000;
constexpr std::int64_t longest_damping_ms = 1'800'000;

void describe(const config::AlertRule& rule, const Observation& seen, Alert& alert)
{
    alert.severity = rule.severity;
    alert.runbook = rule.runbook;
    alert.detail = seen.detail;
    alert.summary = rule.summary.empty() ? seen.detail : rule.summary;
    alert.value = seen.value;
}

bool notifies(const config::AlertRule& rule, const std::string& receiver)
{
    return rule.notify.empty() ||
           std::find(rule.notify.begin(), rule.notify.end(), receiver) != rule.notify.end();
}

bool is_due(const Alert& alert, const config::AlertReceiver& receiver, std::int64_t now_ms)
{
    const auto told = alert.told.find(receiver.name);
    const bool knows_it_fires = told != alert.told.end() && told->second.phase == Phase::firing;
    if (alert.phase == Phase::resolved) {
        return knows_it_fires && receiver.resolved;
    }
    return alert.phase == Phase::firing &&
           (!knows_it_fires || (receiver.repeat.count() > 0 &&
                                now_ms - told->second.at_ms >= receiver.repeat.count()));
}

}  // namespace

void Book::restore(Alert alert)
{
    if (alert.phase == Phase::resolved) {
        const auto after = std::find_if(resolved_.begin(), resolved_.end(), [&](const Alert& one) {
            return one.resolved_ms > alert.resolved_ms;
        });
        resolved_.insert(after, std::move(alert));
        return;
    }
    const auto [at, is_new] = open_.try_emplace({alert.rule, alert.target}, alert);
    if (is_new) {
        return;
    }
    auto& held = at->second;
    gone_.insert(held.id());
    changed_.erase(held.id());
    held.pending_ms = alert.pending_ms;
    held.told.merge(alert.told);
    if (alert.phase == Phase::firing) {
        held.phase = Phase::firing;
        held.firing_ms = alert.firing_ms;
    }
    gone_.erase(held.id());
    changed_.insert(held.id());
}

void Book::observe(const config::AlertRule& rule, const Evaluation& evaluation, std::int64_t now_ms)
{
    std::set<std::string> seen;
    for (const auto& one : evaluation.found) {
        seen.insert(one.target);
        if (one.holds == Holds::yes) {
            hold(rule, one, now_ms);
        } else if (one.holds == Holds::no) {
            clear(rule, {rule.name, one.target}, now_ms);
        }
    }
    std::vector<Key> missing;
    for (auto at = open_.lower_bound({rule.name, ""}); at != open_.end(); ++at) {
        if (at->first.first != rule.name) {
            break;
        }
        if (!seen.contains(at->first.second) && evaluation.gone(at->first.second)) {
            missing.push_back(at->first);
        }
    }
    for (const auto& key : missing) {
        clear(rule, key, now_ms);
    }
}

void Book::hold(const config::AlertRule& rule, const Observation& seen, std::int64_t now_ms)
{
    const auto [at, is_new] = open_.try_emplace({rule.name, seen.target});
    auto& alert = at->second;
    if (is_new) {
        alert.fingerprint = fingerprint_of(rule.name, seen.target);
        alert.rule = rule.name;
        alert.target = seen.target;
        alert.pending_ms = now_ms;
    }
    if (alert.phase == Phase::pending && alert.pending_ms > now_ms) {
        gone_.insert(alert.id());  // the clock was put back; its id has the time
        changed_.erase(alert.id());
        alert.pending_ms = now_ms;
        gone_.erase(alert.id());
        changed_.insert(alert.id());
    }
    describe(rule, seen, alert);
    alert.clear_ms = 0;
    if (alert.phase == Phase::pending && now_ms - alert.pending_ms >= rule.pending.count()) {
        alert.phase = Phase::firing;
        alert.firing_ms = now_ms;
        news_.push_back(alert);
        changed_.insert(alert.id());
    } else if (is_new) {
        changed_.insert(alert.id());
    }
}

void Book::clear(const config::AlertRule& rule, const Key& key, std::int64_t now_ms)
{
    const auto at = open_.find(key);
    if (at == open_.end()) {
        return;
    }
    auto& alert = at->second;
    if (alert.phase == Phase::pending) {
        changed_.erase(alert.id());
        gone_.insert(alert.id());
        open_.erase(at);
        return;
    }
    alert.clear_ms = alert.clear_ms == 0 ? now_ms : std::min(alert.clear_ms, now_ms);
    if (now_ms - alert.clear_ms >= keep_ms(rule, alert)) {
        resolve(key, now_ms);
    }
}

void Book::resolve(const Key& key, std::int64_t now_ms)
{
    auto node = open_.extract(key);
    auto& alert = node.mapped();
    alert.phase = Phase::resolved;
    alert.resolved_ms = now_ms;
    changed_.insert(alert.id());
    news_.push_back(alert);
    resolved_.push_back(std::move(alert));
    if (resolved_.size() > most_resolved) {
        resolved_.pop_front();
    }
}

std::int64_t Book::keep_ms(const config::AlertRule& rule, const Alert& alert) const
{
    const auto times = std::count_if(resolved_.begin(), resolved_.end(), [&](const Alert& one) {
        return one.fingerprint == alert.fingerprint &&
               one.resolved_ms > alert.firing_ms - flapping_within_ms;
    });
    if (times < flapping_from) {
        return rule.keep_firing.count();
    }
    const auto doublings = std::min<std::int64_t>(times - flapping_from, 10);
    return std::max<std::int64_t>(rule.keep_firing.count(),
                                  std::min(first_damping_ms << doublings, longest_damping_ms));
}

void Book::keep_rules(const std::map<std::string, config::AlertRule>& rules, std::int64_t now_ms)
{
    std::vector<Key> over;
    for (const auto& [key, alert] : open_) {
        if (!rules.contains(key.first)) {
            over.push_back(key);
        }
    }
    for (const auto& key : over) {
        if (open_.at(key).phase == Phase::firing) {
            resolve(key, now_ms);
        } else {
            clear({}, key, now_ms);
        }
    }
}

void Book::forget_resolved(std::int64_t before_ms)
{
    while (!resolved_.empty() && resolved_.front().resolved_ms < before_ms) {
        resolved_.pop_front();
    }
}

std::vector<Book::Due> Book::due(const config::AlertReceiver& receiver,
                                 const std::map<std::string, config::AlertRule>& rules,
                                 const std::vector<Silence>& silences, std::int64_t now_ms) const
{
    std::vector<Due> found;
    const auto add = [&](const Alert& alert) {
        const bool silenced =
            std::any_of(silences.begin(), silences.end(),
                        [&](const Silence& silence) { return silence.covers(alert, now_ms); });
        if (!silenced && is_due(alert, receiver, now_ms)) {
            found.push_back({alert.id(), alert});
        }
    };
    for (const auto& alert : resolved_) {
        add(alert);
    }
    for (const auto& [key, alert] : open_) {
        const auto rule = rules.find(key.first);
        if (rule != rules.end() && notifies(rule->second, receiver.name)) {
            add(alert);
        }
    }
    std::stable_sort(found.begin(), found.end(), [](const Due& a, const Due& b) {
        return a.alert.firing_ms < b.alert.firing_ms;
    });
    return found;
}

Alert* Book::find(const std::string& id)
{
    for (auto& [key, alert] : open_) {
        if (alert.id() == id) {
            return &alert;
        }
    }
    const auto at = std::find_if(resolved_.rbegin(), resolved_.rend(),
                                 [&](const Alert& alert) { return alert.id() == id; });
    return at == resolved_.rend() ? nullptr : &*at;
}

void Book::note_told(const std::string& id, const std::string& receiver, Phase phase,
                     std::int64_t now_ms)
{
    if (auto* alert = find(id)) {
        alert->told[receiver] = {phase, now_ms};
        changed_.insert(id);
    }
}

std::vector<const Alert*> Book::list() const
{
    std::vector<const Alert*> all;
    for (const auto& [key, alert] : open_) {
        all.push_back(&alert);
    }
    for (auto at = resolved_.rbegin(); at != resolved_.rend(); ++at) {
        all.push_back(&*at);
    }
    return all;
}

Book::Changes Book::take_changes()
{
    Changes changes;
    if (changed_.empty() && gone_.empty()) {
        return changes;
    }
    for (const auto* alert : list()) {
        if (changed_.contains(alert->id())) {
            changes.changed.push_back(*alert);
        }
    }
    changes.gone.assign(gone_.begin(), gone_.end());
    changed_.clear();
    gone_.clear();
    return changes;
}

void Book::put_back(const Changes& changes)
{
    for (const auto& alert : changes.changed) {
        changed_.insert(alert.id());
    }
    gone_.insert(changes.gone.begin(), changes.gone.end());
}

}  // namespace gatehouse::alerts
