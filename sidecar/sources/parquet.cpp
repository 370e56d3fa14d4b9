// kind "parquet".
#include <fstream>

#include "sidecar/sources/kind.h"
#include "sidecar/sources/parquet_footer.h"

namespace gatehouse::sources {
namespace {

Result<sidecar::Relation> read_parquet(const config::Source& source, const Fingerprint& files)
{
    for (const FileStamp& file : files.files) {
        std::ifstream bytes(file.path, std::ios::binary);
        if (const auto objection = parquet_objection(bytes)) {
            return Error{file.path + ": " + *objection};
        }
    }
    Call read("read_parquet", files);
    if (source.union_by_name) {
        read.flag("union_by_name", *source.union_by_name);
    }
    if (source.filename) {
        read.flag("filename", *source.filename);
    }
    read.partitions(source);
    return sidecar::Relation{.sql = read.sql()};
}

}  // namespace

const Kind parquet{"parquet", read_parquet};

}  // namespace gatehouse::sources
