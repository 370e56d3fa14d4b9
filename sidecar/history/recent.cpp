#include "sidecar/history/recent.h"

#include <algorithm>

namespace gatehouse::history {

void Recent::add(std::int64_t at_s, const ByEndpoint& traffic)
{
    if (traffic.empty()) {
        return;
    }
    auto place = std::lower_bound(
        seconds_.begin(), seconds_.end(), at_s,
        [](const Second& second, std::int64_t value) { return second.at_s < value; });
    if (place == seconds_.end() || place->at_s != at_s) {
        place = seconds_.insert(place, Second{at_s, {}});
    }
    cells_ -= place->traffic.size();
    for (const auto& [endpoint, more] : traffic) {
        history::add(place->traffic[endpoint], more);
    }
    cells_ += place->traffic.size();
    const auto first = seconds_.back().at_s - reach_s;
    while (seconds_.size() > 1 && (seconds_.front().at_s <= first || cells_ > most_cells)) {
        cells_ -= seconds_.front().traffic.size();
        seconds_.pop_front();
    }
}

}  // namespace gatehouse::history
