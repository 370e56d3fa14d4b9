// Fuzzes what looks at the footer of a Parquet file before the engine does: it ends, within its
// bytes, and a tail that is put behind a footer does not change what is said of a schema too deep.
#include <cstdlib>
#include <sstream>
#include <string>

#include "sidecar/sources/parquet_footer.h"

namespace {

std::string said_of(const std::string& footer)
{
    std::string file = "PAR1" + footer;
    for (unsigned i = 0; i < 4; ++i) {
        file += static_cast<char>(footer.size() >> (8 * i));
    }
    std::istringstream bytes(file + "PAR1");
    return gatehouse::sources::parquet_objection(bytes).value_or("");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string bytes{reinterpret_cast<const char*>(data), size};
    std::istringstream as_it_is(bytes);
    (void)gatehouse::sources::parquet_objection(as_it_is);
    const auto said = said_of(bytes);
    if (said.find("groups") != said.npos && said_of(bytes + "more") != said) {
        std::abort();
    }
    return 0;
}
