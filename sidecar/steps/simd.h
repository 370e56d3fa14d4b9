// Vectors of numbers as GCC and clang know them, and code compiled for several processors at once.
//
// A kernel is a template over the bytes of a vector, inlined into functions for each processor; the
// widest that this one has is called. On another architecture than x86-64 there is one, of 16
// bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#define GATEHOUSE_INLINE [[gnu::always_inline]] inline

namespace gatehouse::steps::simd {

template <class T, std::size_t Bytes>
struct Of {
    typedef T Type __attribute__((vector_size(Bytes)));
};
template <class T, std::size_t Bytes>
using Vector = typename Of<T, Bytes>::Type;

template <class V, class T>
GATEHOUSE_INLINE void load(V& to, const T* from)
{
    std::memcpy(&to, from, sizeof(V));
}

enum class Width { bytes16, bytes32, bytes64 };

/// The widest vectors of this processor, with fused multiplication and addition beyond 16 bytes.
inline Width width() noexcept
{
#if defined(__x86_64__)
    static const Width widest = [] {
        const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
        return v3 && v4 ? Width::bytes64 : v3 ? Width::bytes32 : Width::bytes16;
    }();
    return widest;
#else
    return Width::bytes16;
#endif
}

}  // namespace gatehouse::steps::simd

#if defined(__x86_64__)
#define GATEHOUSE_FOR_V3 [[gnu::target("avx2,fma")]]
#define GATEHOUSE_FOR_V4 [[gnu::target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw")]]
#else
#define GATEHOUSE_FOR_V3
#define GATEHOUSE_FOR_V4
#endif
