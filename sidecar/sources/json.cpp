// kind "json": one array of objects, or objects one after another.
#include <fstream>

#include "sidecar/base/json_rows.h"
#include "sidecar/sources/json_depth.h"
#include "sidecar/sources/kind.h"
#include "sidecar/sources/unpacked.h"

namespace gatehouse::sources {
namespace {

bool is_too_deep(const std::string& path)
{
    JsonDepth depth;
    bool fits = true;
    read_unpacked(path, [&](std::string_view piece) { return fits = depth.add(piece); });
    return !fits;
}

Result<sidecar::Relation> read_json(const config::Source& source, const Fingerprint& files)
{
    for (const FileStamp& file : files.files) {
        if (is_too_deep(file.path)) {
            return Error{file.path + ": is nested deeper than " +
                         std::to_string(sidecar::deepest_json) + " levels"};
        }
    }
    Call read("read_json", files);
    if (source.json_format) {
        read.text("format", *source.json_format);
    }
    read.columns("columns", source.columns);
    if (source.union_by_name) {
        read.flag("union_by_name", *source.union_by_name);
    }
    if (source.filename) {
        read.flag("filename", *source.filename);
    }
    read.partitions(source);
    return sidecar::Relation{.sql = read.sql()};
}

bool has_utf16_mark(const std::string& path)
{
    char mark[2]{};
    std::ifstream(path, std::ios::binary).read(mark, sizeof mark);
    const std::string_view head(mark, sizeof mark);
    return head == "\xff\xfe" || head == "\xfe\xff";
}

std::optional<std::string> explain(const config::Source&, const Fingerprint& files)
{
    for (const FileStamp& file : files.files) {
        if (has_utf16_mark(file.path)) {
            return file.path + ": is UTF-16; convert it, as with iconv -f UTF-16 -t UTF-8";
        }
    }
    return std::nullopt;
}

}  // namespace

const Kind json{"json", read_json, explain};

}  // namespace gatehouse::sources
