// Sessions that wait for the next computation of their SQL, those used longest ago going first.
//
// Thread safety: none.
// Invariant: each has something to go on with.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "sidecar/engine/session.h"

namespace gatehouse::engine {

class Sessions {
public:
    /// Bytes of one are some ten thousand.
    static constexpr std::size_t most = 1024;

    /// One that goes on with that SQL over tables of that shape, or null.
    std::unique_ptr<Session> take(std::string_view sql, const Shape& shape);

    /// REQUIRES: it has something to go on with.
    void put(std::unique_ptr<Session> session);

    void clear();

private:
    using Order = std::list<std::unique_ptr<Session>>;
    using BySql = std::unordered_multimap<std::string_view, Order::iterator>;

    std::unique_ptr<Session> extract(BySql::iterator found);

    Order order_;  // the latest used first
    BySql by_sql_;
};

}  // namespace gatehouse::engine
