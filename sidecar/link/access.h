// Who may connect to the link.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/link/channel.h"

namespace gatehouse::sidecar {

/// The id of a group, -1 for an empty name, or an error for one that does not exist.
Result<gid_t> group_id(const std::string& name);

class Access {
public:
    /// Root, ourselves, these users, and whoever is in the socket's group (-1: our own), be it by a
    /// supplementary group. Fails on unknown names.
    static Result<Access> of(const std::vector<std::string>& users, gid_t group);

    /// `groups`: the peer's supplementary ones.
    bool permits(const link::Peer& peer, const std::vector<gid_t>& groups) const;

private:
    std::set<uid_t> uids_;
    gid_t group_ = static_cast<gid_t>(-1);
};

/// The supplementary groups of the process at the other end when it connected; none if the kernel
/// does not tell.
std::vector<gid_t> groups_of_peer(int fd);

}  // namespace gatehouse::sidecar
