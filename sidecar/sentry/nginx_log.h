// nginx's error log, read as it grows: errors of nginx and of the module, which has no other way to
// tell of them once it cannot reach the sidecar.
//
// Thread safety: none; one thread at a time. It blocks as files do.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/sentry/event.h"
#include "src/base/result.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sentry {

/// Of a line with level error or above; nothing for others. Who the client was, and what stands
/// behind a "?", is left out.
std::optional<Event> event_of_line(std::string_view line, std::int64_t now_ms);

class NginxLog {
public:
    explicit NginxLog(std::string path) : path_(std::move(path)) {}

    struct News {
        std::vector<Event> events;
        std::string error;  ///< why there is no file to read from; empty: there is
    };
    /// What has come since the last call; of a file that is there at the first call, or could not
    /// be read until now, from then on. At most the last 256 KiB. A file that is moved is read to
    /// its end, then the new one from its beginning.
    News read(std::int64_t now_ms);

private:
    Result<void> open_file();
    void read_rest(std::vector<Event>& events, std::int64_t now_ms);

    std::string path_;
    UniqueFd fd_;
    ino_t inode_ = 0;
    off_t offset_ = 0;
    std::string begun_;            ///< a line without its end
    bool from_beginning_ = false;  ///< the next file is one that was not there before
};

}  // namespace gatehouse::sentry
