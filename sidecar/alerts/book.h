// The alerts there are: from what rules find to pending, firing, resolved; and what is to be told.
//
//            holds                  for `for`
//   nothing ───────▶ pending ──────────────────▶ firing ◀─┐ holds again
//      ▲                │ does not hold             │ ────┘
//      └────────────────┘                           │ does not hold for `keep_firing`
//                                                   ▼
//                                                resolved
//
// - Of a rule and a target there is one alert that is not resolved.
// - What comes back again and again is kept firing for longer and longer: for 30 s the third time
//   within an hour, then for twice as long each time, up to half an hour.
// - A receiver is told once that an alert fires, again after its `repeat`, and once that it is
// over,
//   if it was told before. Of what is silenced it is told when the silence has ended, if it is
//   still to be told then.
//
// Thread safety: none. Knows no clock: times are arguments, Unix time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/alerts/alert.h"
#include "sidecar/alerts/observation.h"
#include "sidecar/config/types.h"

namespace gatehouse::alerts {

class Book {
public:
    /// Resolved alerts that are remembered.
    static constexpr std::size_t most_resolved = 1000;

    /// One that was kept. Of those that are not resolved, what the book has already counts, but for
    /// since when it holds and who was told.
    void restore(Alert alert);

    void observe(const config::AlertRule& rule, const Evaluation& evaluation, std::int64_t now_ms);

    /// The alerts of all other rules are over.
    void keep_rules(const std::map<std::string, config::AlertRule>& rules, std::int64_t now_ms);

    /// Forgets what was resolved before.
    void forget_resolved(std::int64_t before_ms);

    struct Due {
        std::string id;
        Alert alert;  ///< as it is now
    };
    /// What this receiver is to be told, the oldest first.
    std::vector<Due> due(const config::AlertReceiver& receiver,
                         const std::map<std::string, config::AlertRule>& rules,
                         const std::vector<Silence>& silences, std::int64_t now_ms) const;

    /// A receiver knows of this phase from now on.
    void note_told(const std::string& id, const std::string& receiver, Phase phase,
                   std::int64_t now_ms);

    /// Those that are not resolved, by rule and target; then those that are, the latest first.
    std::vector<const Alert*> list() const;

    /// What has to be kept, since the last call.
    struct Changes {
        std::vector<Alert> changed;
        std::vector<std::string> gone;  ///< ids: they have never fired

        bool empty() const noexcept { return changed.empty() && gone.empty(); }
    };
    Changes take_changes();

    /// They could not be kept: they are among the next changes again.
    void put_back(const Changes& changes);

    /// Tells of an alert that has begun to fire, or is over.
    std::vector<Alert> take_news() { return std::exchange(news_, {}); }

private:
    using Key = std::pair<std::string, std::string>;  ///< rule, target

    void hold(const config::AlertRule& rule, const Observation& seen, std::int64_t now_ms);
    void clear(const config::AlertRule& rule, const Key& key, std::int64_t now_ms);
    void resolve(const Key& key, std::int64_t now_ms);
    std::int64_t keep_ms(const config::AlertRule& rule, const Alert& alert) const;
    Alert* find(const std::string& id);

    std::map<Key, Alert> open_;
    std::deque<Alert> resolved_;  ///< the latest last
    std::set<std::string> changed_, gone_;
    std::vector<Alert> news_;
};

}  // namespace gatehouse::alerts
