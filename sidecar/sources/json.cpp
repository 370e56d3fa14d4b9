// kind "json": one array of objects, or objects one after another.
#include "sidecar/sources/kind.h"

namespace gatehouse::sources {
namespace {

Result<sidecar::Relation> read_json(const config::Source& source, const Fingerprint& files)
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
    return sidecar::Relation{.sql = read.sql()};
}

}  // namespace

const Kind json{"json", read_json};

}  // namespace gatehouse::sources
