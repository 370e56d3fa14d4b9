#include "ngx_module/glue/ngx.h"

#include "ngx_module/headers/nonce.h"

#include <sys/random.h>

#include <array>
#include <cstring>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "ngx_module/glue/variable.h"

namespace gatehouse::headers_feature {

namespace {

constexpr std::string_view nonce_name = "gate_csp_nonce";

// More than the 128 bits that CSP asks for, and a multiple of three: base64 without padding.
constexpr std::size_t nonce_bytes = 18;

/// The kernel's randomness, taken for some hundred nonces at once. Of this worker: empty until its
/// first request, so no two workers share one.
class Randomness {
public:
    /// Throws if there is none. Each byte is given out once, and forgotten then.
    void take(std::array<u_char, nonce_bytes>& out)
    {
        if (left_ == 0) {
            fill();
        }
        left_ -= out.size();
        std::memcpy(out.data(), bytes_.data() + left_, out.size());
        std::memset(bytes_.data() + left_, 0, out.size());
    }

private:
    void fill()
    {
        // Up to 256 bytes come whole, whatever signals do (getrandom(2)).
        if (::getrandom(bytes_.data(), bytes_.size(), 0) != static_cast<ssize_t>(bytes_.size())) {
            throw std::runtime_error{"getrandom failed"};
        }
        left_ = bytes_.size();
    }

    std::array<u_char, nonce_bytes * 14> bytes_{};
    std::size_t left_ = 0;
};

constexpr std::size_t nonce_length = nonce_bytes / 3 * 4;

/// Base64 (RFC 4648 §4). nginx's own takes twice as long.
void encode(const std::array<u_char, nonce_bytes>& in, char* out) noexcept
{
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < in.size(); i += 3) {
        const unsigned group = unsigned{in[i]} << 16 | unsigned{in[i + 1]} << 8 | in[i + 2];
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = digits[group >> 6 & 63];
        *out++ = digits[group & 63];
    }
}

std::optional<std::string_view> nonce(ngx_http_request_t& r)
{
    static Randomness randomness;
    std::array<u_char, nonce_bytes> bytes;
    randomness.take(bytes);
    auto* const text = static_cast<char*>(ngx_pnalloc(r.pool, nonce_length));
    if (text == nullptr) {
        throw std::bad_alloc{};
    }
    encode(bytes, text);
    return std::string_view{text, nonce_length};
}

}  // namespace

ngx_int_t add_nonce(ngx_conf_t& cf)
{
    constexpr glue::Variable variables[] = {{nonce_name, glue::variable<nonce>}};
    return glue::add_variables(cf, variables);
}

ngx_int_t remember_nonce(ngx_conf_t& cf) noexcept
{
    ngx_str_t name = glue::lend(nonce_name);
    return ngx_http_get_variable_index(&cf, &name) == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

}  // namespace gatehouse::headers_feature
