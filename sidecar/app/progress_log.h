// Says of work that takes long how far it is, every few seconds, in the log.
//
// Thread safety: none; belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sidecar/caches/progress.h"

namespace gatehouse::app {

class ProgressLog {
public:
    void say(const std::vector<caches::Progress::Work>& works);

private:
    std::map<std::string, std::int64_t> next_;  // by kind and name: elapsed time to speak at
};

}  // namespace gatehouse::app
