// kind "json": one array of objects, or objects one after another.
#include "sidecar/sources/kind.h"

namespace gatehouse::sources {
namespace {

Result<std::string> call(const config::Source& source, const Fingerprint& files)
{
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
    read.flag("hive_partitioning", false);
    return read.sql();
}

}  // namespace

const Kind json{"json", call};

}  // namespace gatehouse::sources
