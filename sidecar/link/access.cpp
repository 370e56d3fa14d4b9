#include "sidecar/link/access.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

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
    access.group_ = group;
    for (const auto& name : users) {
        const auto* user = ::getpwnam(name.c_str());
        if (user == nullptr) {
            return Error{"link.users: there is no user \"" + name + "\" on this system"};
        }
        access.uids_.insert(user->pw_uid);
    }
    return access;
}

}  // namespace gatehouse::sidecar
