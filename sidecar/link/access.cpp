#include "sidecar/link/access.h"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

namespace gatehouse::sidecar {

Result<gid_t> group_id(const std::string& name)
{
    if (name.empty()) {
        return static_cast<gid_t>(-1);
    }
    const auto* group = ::getgrnam(name.c_str());
    if (group == nullptr) {
        return Error{"link.group: there is no group \"" + name + "\" on this system"};
    }
    return group->gr_gid;
}

Result<Access> Access::of(const std::vector<std::string>& users, gid_t group)
{
    Access access;
    access.uids_ = {0, ::geteuid()};
    access.group_ = group == static_cast<gid_t>(-1) ? ::getegid() : group;
    for (const auto& name : users) {
        const auto* user = ::getpwnam(name.c_str());
        if (user == nullptr) {
            return Error{"link.users: there is no user \"" + name + "\" on this system"};
        }
        access.uids_.insert(user->pw_uid);
    }
    return access;
}

bool Access::permits(const link::Peer& peer, const std::vector<gid_t>& groups) const
{
    return uids_.contains(peer.uid) || peer.gid == group_ ||
           std::find(groups.begin(), groups.end(), group_) != groups.end();
}

std::vector<gid_t> groups_of_peer(int fd)
{
    constexpr std::size_t usual = 64;
    std::vector<gid_t> groups(usual);
    auto bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    int status = ::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes);
    if (status != 0 && errno == ERANGE) {  // `bytes` says how many there are
        groups.resize(bytes / sizeof(gid_t));
        status = ::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes);
    }
    groups.resize(status == 0 ? bytes / sizeof(gid_t) : 0);
    return groups;
}

}  // namespace gatehouse::sidecar
