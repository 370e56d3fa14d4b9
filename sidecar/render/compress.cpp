#include "sidecar/render/compress.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <variant>

namespace gatehouse::render {
namespace {

using config::Refresh;

constexpr std::size_t smallest_body = 256;
constexpr std::size_t large_body = 4 << 20;
constexpr auto frequent = std::chrono::seconds(10);

/// Levels by effort: low, medium, high. Beyond the last ones JSON gets some percent smaller in
/// several times the time; docs/configuration.md has figures.
struct Levels {
    std::array<int, 3> gzip{1, 4, 6};
    std::array<int, 3> br{1, 4, 5};
    std::array<int, 3> zstd{1, 5, 9};
};
constexpr Levels levels;

int level(const std::array<int, 3>& of, Effort effort) noexcept
{
    return of[static_cast<std::size_t>(effort)];
}

/// Twice what the body needs, since zlib looks back no further than to 262 bytes before its end;
/// not more: zlib clears tables of this size each time.
int window_bits(std::size_t bytes) noexcept
{
    return std::min(static_cast<int>(std::bit_width(bytes)) + 1, 15);
}

std::optional<std::string> gzip(std::string_view body, int level)
{
    constexpr int with_header = 16;  // gzip's, whose time zlib leaves at zero
    const int window = window_bits(body.size());
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, window + with_header, window < 15 ? window - 7 : 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return std::nullopt;
    }
    std::string out(deflateBound(&stream, body.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return status == Z_STREAM_END ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> br(std::string_view body, int level)
{
    std::size_t size = BrotliEncoderMaxCompressedSize(body.size());
    std::string out(size, '\0');
    const BROTLI_BOOL done =
        BrotliEncoderCompress(level, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, body.size(),
                              reinterpret_cast<const std::uint8_t*>(body.data()), &size,
                              reinterpret_cast<std::uint8_t*>(out.data()));
    out.resize(size);
    return done == BROTLI_TRUE ? std::optional(std::move(out)) : std::nullopt;
}

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

std::optional<std::string> zstd(std::string_view body, int level)
{
    // Kept by each thread: to make one costs as much as to compress some kilobytes.
    static thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
    std::string out(ZSTD_compressBound(body.size()), '\0');
    const std::size_t size =
        ZSTD_compressCCtx(context.get(), out.data(), out.size(), body.data(), body.size(), level);
    if (ZSTD_isError(size) != 0) {
        return std::nullopt;
    }
    out.resize(size);
    return out;
}

std::optional<std::string> encode(std::string_view body, Encoding encoding, Effort effort)
{
    switch (encoding) {
    case Encoding::gzip: return gzip(body, level(levels.gzip, effort));
    case Encoding::br: return br(body, level(levels.br, effort));
    case Encoding::zstd: return zstd(body, level(levels.zstd, effort));
    case Encoding::identity: break;
    }
    return std::nullopt;
}

}  // namespace

Effort effort_for(const Refresh& refresh, std::size_t bytes)
{
    const auto* every = std::get_if<config::Every>(&refresh);
    const bool often = std::holds_alternative<config::OnDemand>(refresh) ||
                       (every != nullptr && every->interval < frequent);
    const bool large = bytes > large_body;
    if (often) {
        return large ? Effort::low : Effort::medium;
    }
    return large ? Effort::medium : Effort::high;
}

std::optional<std::string> compress(std::string_view body, Encoding encoding, Effort effort)
{
    if (body.size() < smallest_body) {
        return std::nullopt;
    }
    std::optional<std::string> encoded = encode(body, encoding, effort);
    if (!encoded || encoded->size() > body.size() - body.size() / 20) {
        return std::nullopt;
    }
    encoded->shrink_to_fit();
    return encoded;
}

}  // namespace gatehouse::render
