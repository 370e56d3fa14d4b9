#include "sidecar/sources/unpacked.h"

#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <memory>
#include <vector>

namespace gatehouse::sources {
namespace {

using Take = std::function<bool(std::string_view)>;

constexpr std::size_t piece_bytes = 256 << 10;

/// zlib reads what is not packed as it is.
void read_gzip(const std::string& path, const Take& take)
{
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rbe"), gzclose);
    if (!file || gzbuffer(file.get(), piece_bytes) != 0) {
        return;
    }
    std::vector<char> piece(piece_bytes);
    int got = 0;
    do {
        got = gzread(file.get(), piece.data(), static_cast<unsigned>(piece.size()));
    } while (got > 0 && take({piece.data(), static_cast<std::size_t>(got)}));
}

void read_zstd(const std::string& path, const Take& take)
{
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                          ZSTD_freeDCtx);
    std::ifstream file(path, std::ios::binary);
    std::vector<char> packed(ZSTD_DStreamInSize()), piece(ZSTD_DStreamOutSize());
    while (context && (file.read(packed.data(), static_cast<std::streamsize>(packed.size())),
                       file.gcount() > 0)) {
        ZSTD_inBuffer in{packed.data(), static_cast<std::size_t>(file.gcount()), 0};
        bool full = false;  // then there may be more to come without further bytes
        while (in.pos < in.size || full) {
            ZSTD_outBuffer out{piece.data(), piece.size(), 0};
            if (ZSTD_isError(ZSTD_decompressStream(context.get(), &out, &in)) != 0 ||
                !take({piece.data(), out.pos})) {
                return;
            }
            full = out.pos == out.size;
        }
    }
}

}  // namespace

void read_unpacked(const std::string& path, const Take& take)
{
    return path.ends_with(".zst") ? read_zstd(path, take) : read_gzip(path, take);
}

}  // namespace gatehouse::sources
