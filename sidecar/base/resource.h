// What an area adds to the control API: a path, and who answers there. The API knows no more of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::sidecar {

struct Answer {
    int status = 200;
    std::string body;  ///< JSON; of an error: one sentence, which becomes a problem's detail
};

/// Views into the request: they live as long as the call.
struct ApiRequest {
    std::string name;  ///< what stands for the name in the path
    std::string_view query;
    std::string_view body;
};

struct Resource {
    std::string_view method;
    std::string_view before;  ///< path up to the name, or the whole path
    std::string_view after;   ///< path from the name on; only where `named`
    bool named = false;

    /// Calls `reply` once, now or later, on the loop.
    std::function<void(const ApiRequest& request, std::function<void(Answer)> reply)> handle;
};

}  // namespace gatehouse::sidecar
