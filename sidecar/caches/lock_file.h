// A lock between processes, held for as long as the object lives, or the process does.
#pragma once

#include <string>

#include "src/base/unique_fd.h"

namespace gatehouse::caches {

class LockFile {
public:
    /// Makes the file where there is none; never waits.
    explicit LockFile(const std::string& path);

    bool held() const noexcept { return why_not_.empty(); }
    const std::string& why_not() const noexcept { return why_not_; }

private:
    UniqueFd fd_;
    std::string why_not_;
};

}  // namespace gatehouse::caches
