// kind "parquet".
#include "sidecar/sources/kind.h"

namespace gatehouse::sources {
namespace {

Result<std::string> call(const config::Source& source, const Fingerprint& files)
{
    Call read("read_parquet", files);
    if (source.union_by_name) {
        read.flag("union_by_name", *source.union_by_name);
    }
    if (source.filename) {
        read.flag("filename", *source.filename);
    }
    // A directory called a=1 is a directory, not a column.
    read.flag("hive_partitioning", false);
    return read.sql();
}

}  // namespace

const Kind parquet{"parquet", call};

}  // namespace gatehouse::sources
