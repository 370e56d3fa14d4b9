// What nginx proxies to: Daemon::open_api.
#include "sidecar/app/daemon.h"
#include "sidecar/base/clock.h"
#include "sidecar/datasets/routes.h"
#include "sidecar/link/access.h"

namespace gatehouse::app {

Result<void> Daemon::open_api()
{
    const auto& settings = config().api;
    if (settings.socket.empty()) {
        return {};
    }
    const auto group =
        sidecar::group_id(settings.group.empty() ? config().link.group : settings.group);
    if (!group) {
        return group.error();
    }
    api_ = std::make_unique<api::Server>(
        loop_, [this](std::string_view token, std::string_view method, std::string_view path) {
            return identity_check_
                       ? identity_check_->caller(token, method, path, sidecar::unix_ms() / 1000)
                       : std::nullopt;
        });
    api_->add(datasets::routes(*datasets_));
    api_->add(catalogue_routes());
    return api_->listen({"api", settings.socket, settings.mode, *group});
}

}  // namespace gatehouse::app
