// The databases that checks ask, by check: the loop sets them, runs of checks take them.
//
// Thread safety: any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "sidecar/app/executors.h"

namespace gatehouse::app {

class CheckDatabases {
public:
    void set(Databases databases)
    {
        const std::lock_guard lock{mutex_};
        databases_ = std::move(databases);
    }

    /// Null: there is none for this check.
    std::shared_ptr<databases::Database> of(const std::string& check) const
    {
        const std::lock_guard lock{mutex_};
        const auto found = databases_.find(check);
        return found == databases_.end() ? nullptr : found->second;
    }

private:
    mutable std::mutex mutex_;
    Databases databases_;
};

}  // namespace gatehouse::app
