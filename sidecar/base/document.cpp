#include "sidecar/base/document.h"

#include <fcntl.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <utility>

namespace gatehouse::sidecar {

namespace {

/// Memory cannot be sealed empty.
constexpr std::string_view nothing = "\n";

}  // namespace

Document::Document(UniqueFd slot)
    : slot_(std::move(slot)), path_("/proc/self/fd/" + std::to_string(slot_.get()))
{
}

Result<std::shared_ptr<Document>> Document::create()
{
    UniqueFd slot{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    if (!slot) {
        return Error{"/dev/null cannot be opened"};
    }
    return std::shared_ptr<Document>(new Document(std::move(slot)));
}

Result<bool> Document::put(std::string_view ndjson, std::uint64_t rows)
{
    const auto bytes = ndjson.empty() ? nothing : ndjson;
    auto memory =
        SealedMemory::create("gatehouse-document", bytes.size(), [&](auto out) -> Result<void> {
            std::memcpy(out.data(), bytes.data(), bytes.size());
            return {};
        });
    if (!memory) {
        return memory.error();
    }
    const std::lock_guard lock{mutex_};
    if (::dup3(memory->fd(), slot_.get(), O_CLOEXEC) < 0) {
        return Error{"a descriptor cannot be replaced"};
    }
    const auto before =
        std::exchange(content_, {rows, bytes.size(), XXH3_64bits(bytes.data(), bytes.size())});
    why_.clear();
    return before != content_;
}

void Document::confirm()
{
    const std::lock_guard lock{mutex_};
    why_.clear();
}

void Document::fail(std::string why)
{
    const std::lock_guard lock{mutex_};
    why_ = std::move(why);
}

Result<Document::Content> Document::content() const
{
    const std::lock_guard lock{mutex_};
    return why_.empty() ? Result<Content>{content_} : Error{why_};
}

}  // namespace gatehouse::sidecar
