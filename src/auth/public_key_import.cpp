#include "src/auth/public_key_import.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <array>
#include <cstdint>
#include <string>

namespace gatehouse::auth {

namespace {

using Number = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeBy<OSSL_PARAM_free>>;

constexpr std::uint64_t min_exponent = 65537;
constexpr std::uint64_t max_exponent = 0xFFFF'FFFF;

const unsigned char* bytes_of(std::string_view text) noexcept
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view without_leading_zeros(std::string_view number) noexcept
{
    number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size()));
    return number;
}

/// The exponent's value, or 0 when it has more than eight bytes.
std::uint64_t small_number(std::string_view number) noexcept
{
    number = without_leading_zeros(number);
    std::uint64_t value = 0;
    for (const char byte : number.size() <= sizeof value ? number : std::string_view{}) {
        value = value << 8 | static_cast<unsigned char>(byte);
    }
    return value;
}

/// Null when OpenSSL does not take them.
Pkey key_of(const char* type, OSSL_PARAM* parameters) noexcept
{
    const PkeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
    EVP_PKEY* key = nullptr;
    if (!context || parameters == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        return nullptr;
    }
    return Pkey{key};
}

Pkey rsa_key_of(std::string_view modulus, std::uint64_t exponent) noexcept
{
    const Number n{BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr)};
    const ParameterBuilder builder{OSSL_PARAM_BLD_new()};
    if (!n || !builder ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_uint64(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) != 1) {
        return nullptr;
    }
    const Parameters parameters{OSSL_PARAM_BLD_to_param(builder.get())};
    return key_of("RSA", parameters.get());
}

std::size_t bits_of(std::string_view number) noexcept
{
    if (number.empty()) {
        return 0;
    }
    const auto first = static_cast<unsigned>(static_cast<unsigned char>(number.front()));
    return 8 * number.size() - static_cast<std::size_t>(__builtin_clz(first) - 24);
}

}  // namespace

Result<Pkey> rsa_public_key(std::string_view modulus, std::string_view exponent)
{
    modulus = without_leading_zeros(modulus);
    const std::size_t bits = bits_of(modulus);
    if (bits < min_rsa_bits || bits > max_rsa_bits) {
        return Error{"its modulus has " + std::to_string(bits) + " bits, not " +
                     std::to_string(min_rsa_bits) + " to " + std::to_string(max_rsa_bits)};
    }
    if ((modulus.back() & 1) == 0) {
        return Error{"its modulus is even"};
    }
    const std::uint64_t e = small_number(exponent);
    if (e < min_exponent || e > max_exponent || e % 2 == 0) {
        return Error{"its public exponent is not an odd number from 65537 to 4294967295"};
    }
    const ErrorMark mark;
    Pkey key = rsa_key_of(modulus, e);
    if (!key) {
        return Error{"OpenSSL does not take it"};
    }
    return key;
}

Result<Pkey> ec_public_key(const Curve& curve, std::string_view x, std::string_view y)
{
    if (x.size() != curve.coordinate_bytes || y.size() != curve.coordinate_bytes) {
        return Error{"x and y must have " + std::to_string(curve.coordinate_bytes) + " bytes"};
    }
    constexpr char uncompressed = 4;  // SEC 1 §2.3.3
    std::string point{uncompressed};
    point.append(x).append(y);

    const ErrorMark mark;
    std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(curve.group),
                                         0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    Pkey key = key_of("EC", parameters.data());
    if (!key) {
        return Error{"x and y are no point of " + std::string{curve.name}};
    }
    return key;
}

Result<Pkey> edwards_public_key(const char* type, std::string_view bytes)
{
    const ErrorMark mark;
    Pkey key{EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, bytes_of(bytes), bytes.size())};
    if (!key) {
        return Error{"x has " + std::to_string(bytes.size()) + " bytes, which no key of " + type +
                     " has"};
    }
    return key;
}

}  // namespace gatehouse::auth
