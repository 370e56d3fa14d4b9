// How the last read of each source went, whatever its kind: what cards, the agent of documents and
// `source test` have seen of it.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace gatehouse::app {

struct SourceRead {
    bool up = false;
    std::string last_error;     ///< of the last read that failed; it may be up again
    std::int64_t error_ms = 0;  ///< Unix time of that; 0: none failed
    std::int64_t good_ms = 0;   ///< of the last good read; 0: there was none
};

class SourceReads {
public:
    /// An empty error: it was read.
    void note(const std::string& source, const std::string& error);

    /// It is as it was when it was read well, before this process: as good as read.
    void note_unless_known(const std::string& source);

    /// By source; one that nobody has read yet is not among them.
    std::map<std::string, SourceRead> last() const;

    /// It is another one from now on, or gone.
    void forget(const std::string& source);

private:
    mutable std::mutex mutex_;
    std::map<std::string, SourceRead> reads_;
};

}  // namespace gatehouse::app
