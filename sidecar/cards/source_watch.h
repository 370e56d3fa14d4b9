// Tells when files of sources may have changed, by inotify on their directories: a file that is
// replaced by a rename, created or removed is seen as one that is written to. What happens to other
// files there is nothing.
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
#include "sidecar/base/watched.h"
#include "sidecar/cards/quiet.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {

class SourceWatch {
public:
    using Changed = std::function<void(const std::string& source)>;

    /// Where inotify is not to be had it says so in the log and never calls `changed`.
    SourceWatch(Loop& loop, Changed changed);

    /// How the files of a source are written.
    enum class Files {
        each_by_itself,  ///< one that is being written to is not to be read
        together,        ///< may be read at any time, as those of a database
    };

    /// Watches these names, and no others, for the source.
    void set(const std::string& source, const std::vector<WatchedName>& names,
             Files files = Files::each_by_itself);

private:
    int add(const std::string& directory);
    void release(const std::string& source, int watch);
    void drain();
    void on_event(int watch, unsigned mask, const std::string& name);
    void forget(int watch);
    void arm();
    void tell();

    Changed changed_;
    UniqueFd inotify_;
    std::unique_ptr<FdWatch> events_;
    Timer timer_;
    struct Interest {
        std::set<std::string> names;
        Files files = Files::each_by_itself;
    };

    std::map<int, std::map<std::string, Interest>> interests_;  // by watch descriptor and source
    std::map<std::string, std::set<int>> watches_of_;           // by source
    std::map<std::string, Quiet> quiet_;
    Repeats repeats_{600'000};
};

}  // namespace gatehouse::sidecar
