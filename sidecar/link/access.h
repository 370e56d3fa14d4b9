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
    /// Root, ourselves, these users, and whose primary group is the socket's. Fails on unknown names.
    static Result<Access> of(const std::vector<std::string>& users, gid_t group);

    bool permits(const link::Peer& peer) const
    {
        return uids_.contains(peer.uid) || peer.gid == group_;
    }

private:
    std::set<uid_t> uids_;
    gid_t group_ = static_cast<gid_t>(-1);
};

}  // namespace gatehouse::sidecar
