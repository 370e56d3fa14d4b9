#include "sidecar/engine/sessions.h"

#include <algorithm>
#include <utility>

namespace gatehouse::engine {

std::unique_ptr<Session> Sessions::take(std::string_view sql, const Shape& shape)
{
    const auto [first, last] = by_sql_.equal_range(sql);
    const auto found = std::find_if(
        first, last, [&](const auto& each) { return are_alike((*each.second)->shape, shape); });
    return found == last ? nullptr : extract(found);
}

void Sessions::put(std::unique_ptr<Session> session)
{
    if (order_.size() == most) {
        const auto [first, last] = by_sql_.equal_range(order_.back()->sql);
        (void)extract(std::find_if(first, last, [this](const auto& each) {
            return each.second == std::prev(order_.end());
        }));
    }
    order_.push_front(std::move(session));
    by_sql_.emplace(order_.front()->sql, order_.begin());
}

void Sessions::clear()
{
    by_sql_.clear();
    order_.clear();
}

std::unique_ptr<Session> Sessions::extract(BySql::iterator found)
{
    auto session = std::move(*found->second);
    order_.erase(found->second);
    by_sql_.erase(found);
    return session;
}

}  // namespace gatehouse::engine
