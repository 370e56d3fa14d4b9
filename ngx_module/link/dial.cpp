#include "ngx_module/glue/ngx.h"

#include "ngx_module/link/dial.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "ngx_module/glue/hello.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/worker_board.h"
#include "src/base/json_escape.h"

namespace gatehouse::link_feature {

namespace {

uid_t master_uid = 0;

/// By which one nginx is told from another.
std::string identity()
{
    const auto master = ngx_process == NGX_PROCESS_SINGLE ? ngx_pid : ngx_parent;
    std::string json = "\"master\":" + std::to_string(master) + ",\"prefix\":";
    const ngx_str_t prefix{ngx_cycle->prefix.len, ngx_cycle->prefix.data};
    append_json_string(json, glue::view(prefix));
    return json;
}

std::string hello()
{
    const auto& members = glue::hello_members();
    return "{\"pid\":" + std::to_string(ngx_pid) + "," + identity() +
           ",\"worker\":" + std::to_string(ngx_worker) +
           ",\"nginx\":\"" NGINX_VERSION "\",\"module\":\"" GATEHOUSE_VERSION "\",\"generation\":" +
           std::to_string(glue::worker_board().generation()) +
           (members.size() <= glue::hello_limit ? members : "") + "}";
}

bool is_trusted(uid_t peer, uid_t socket_owner) noexcept
{
    return peer == 0 || peer == geteuid() || peer == master_uid || peer == socket_owner;
}

Result<void> check_peer(const link::Channel& channel, uid_t socket_owner)
{
    const auto peer = channel.peer();
    if (!peer) {
        return peer.error();
    }
    if (!is_trusted(peer->uid, socket_owner)) {
        return Error{"a process of the user id " + std::to_string(peer->uid) +
                     " listens there, which is neither root, nginx's, nor the socket's owner"};
    }
    return {};
}

}  // namespace

void remember_master() noexcept
{
    master_uid = geteuid();
}

Result<link::Channel> dial(const Settings& settings)
{
    // Before the connection: whoever replaces the file afterwards does not become its owner here.
    struct stat file {};
    if (::stat(settings.socket.c_str(), &file) != 0) {
        return Error{"link socket \"" + settings.socket + "\": " + std::strerror(errno)};
    }
    auto channel = link::Channel::connect(settings.socket);
    if (!channel) {
        return channel.error();
    }
    if (auto trusted = check_peer(*channel, file.st_uid); !trusted) {
        return trusted.error();
    }
    const auto text = hello();
    if (channel->send({.type = link::Type::hello, .payload = text}) != link::Sent::yes) {
        return Error{std::string{"hello: "} + std::strerror(errno)};
    }
    for (const auto& region : glue::shared_regions()) {
        // What does not go through now is not waited for: without it the sidecar knows less.
        (void)channel->send({.type = link::Type::share, .payload = region.name, .fd = region.fd});
    }
    return channel;
}

bool sidecar_listens(const Settings& settings)
{
    return !settings.socket.empty() && link::Channel::connect(settings.socket);
}

}  // namespace gatehouse::link_feature
