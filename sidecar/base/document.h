// The last good document of a source that is fetched, as a file that SQL can read although it is on
// no disk: each document is sealed memory, and one descriptor, which stays the same for as long as
// the source does, leads to the current one.
//
// Thread safety: any thread. Whoever opened the path reads the document it was opened on to its
// end, whatever comes next.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/sealed_memory.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {

class Document {
public:
    struct Content {
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
        std::uint64_t hash = 0;  ///< of the bytes

        bool operator==(const Content&) const = default;
    };

    static Result<std::shared_ptr<Document>> create();

    /// Where the bytes are; the same for ever, and nobody else's.
    const std::string& path() const noexcept { return path_; }

    /// Replaces the content; the old one stays when there is no memory for it. Whether it is
    /// another than before.
    Result<bool> put(std::string_view ndjson, std::uint64_t rows);

    /// The content is still what its origin has.
    void confirm();

    /// Its origin cannot be asked or gives nothing usable: there is no content until put or
    /// confirm.
    void fail(std::string why);

    /// What there is now, or why there is nothing.
    Result<Content> content() const;

private:
    explicit Document(UniqueFd slot);

    UniqueFd slot_;  // on the current memory, or on /dev/null
    std::string path_;
    mutable std::mutex mutex_;
    Content content_;
    std::string why_ = "has not been fetched yet";  // empty: the content counts
};

}  // namespace gatehouse::sidecar
