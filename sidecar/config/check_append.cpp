#include "sidecar/config/check_append.h"

#include <string_view>

namespace gatehouse::config {

namespace {

bool is_one_file(const Source& source)
{
    return source.paths.size() == 1 &&
           source.paths.front().find_first_of("*?[") == std::string::npos;
}

bool is_compressed(std::string_view path)
{
    return path.ends_with(".gz") || path.ends_with(".zst");
}

}  // namespace

void check_append(const Node& node, const Source& source, Diagnostics& out)
{
    const auto refuse = [&](const char* key, const char* why) {
        if (const Node* at = find(&node, key)) {
            error(out, *at, At::value,
                  std::string{"\""} + key + "\": " + why + ", so \"append\" cannot be true");
        }
    };
    if (!is_one_file(source)) {
        refuse("path", "names more than one file");
    } else if (is_compressed(source.paths.front())) {
        refuse("path", "a compressed file is not read on from its end");
    }
    if (source.csv.encoding == "utf-16") {
        refuse("encoding", "UTF-16 is not read on from its end");
    }
    if (source.cache) {
        refuse("cache", "what was read of a file that grows is kept in memory");
    }
    if (source.hive_partitioning.value_or(false)) {
        refuse("hive_partitioning", "what is read on has no directory of its own");
    }
    if (source.filename.value_or(false)) {
        refuse("filename", "what is read on has no name of its own");
    }
}

}  // namespace gatehouse::config
