#include "sidecar/api/answer_log.h"

#include "sidecar/base/log.h"

namespace gatehouse::api {

void log_answer(const Request& request, const Response& response)
{
    using sidecar::log::Level;
    const auto write = [&](Level level, std::string_view message) {
        sidecar::log::write(level, message,
                            {{"method", request.method},
                             {"path", request.path},
                             {"status", response.status},
                             {"request_id", request.request_id},
                             {"error", response.error}});
    };
    if (response.status >= 500) {
        write(Level::warning, "api request failed");
    } else if (response.status >= 400) {
        write(Level::info, "api request refused");
    } else {
        write(Level::debug, "api request");
    }
}

}  // namespace gatehouse::api
