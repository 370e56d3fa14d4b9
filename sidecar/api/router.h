// Which route a request takes.
//
// Thread safety: none.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/api.h"

namespace gatehouse::api {

class Router {
public:
    /// REQUIRES: no route of this method and path yet.
    void add(Route route);
    void add(std::vector<Route> routes);

    /// Answers GET and HEAD on paths that no route has.
    void set_fallback(std::function<void(const RequestPtr&, Reply)> handle);

    struct Found {
        const Route* route = nullptr;
        std::string name;   ///< Request::name
        std::string allow;  ///< without a route: of the 405; empty: 404
    };
    Found find(std::string_view method, std::string_view path) const;

private:
    std::deque<Route> routes_;  // Found points into it
    Route fallback_;
};

}  // namespace gatehouse::api
