// Tells when files of sources may have changed, by inotify on their directories: a file that is
// replaced by a rename, created or removed is seen as one that is written to.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sidecar/base/loop.h"
#include "sidecar/base/repeats.h"
#include "sidecar/cards/quiet.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {

class SourceWatch {
public:
    using Changed = std::function<void(const std::string& source)>;

    /// Where inotify is not to be had it says so in the log and never calls `changed`.
    SourceWatch(Loop& loop, Changed changed);

    /// Watches these directories, and no others, for the source.
    void set(const std::string& source, const std::vector<std::string>& directories);

private:
    int add(const std::string& directory);
    void release(const std::string& source, int watch);
    void drain();
    void note_all(const std::set<std::string>& sources, Quiet::Event event);
    void on_event(int watch, unsigned mask);
    void arm();
    void tell();

    Changed changed_;
    UniqueFd inotify_;
    std::unique_ptr<FdWatch> events_;
    Timer timer_;
    std::map<int, std::set<std::string>> sources_of_;  // by watch descriptor
    std::map<std::string, std::set<int>> watches_of_;  // by source
    std::map<std::string, Quiet> quiet_;
    Repeats repeats_{600'000};
};

}  // namespace gatehouse::sidecar
