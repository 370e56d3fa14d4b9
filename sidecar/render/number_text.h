// Numbers as decimal text. Each function writes at `to` and returns the end; none writes more than
// longest_number bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sidecar/base/table.h"

namespace gatehouse::render {

inline constexpr std::size_t longest_number = 64;

/// The shortest text that reads back as the same value: as Python's repr, `1.0`, `1e+16`, `1e-05`.
/// Not finite: `NaN`, `inf`, `-inf`.
char* write_float(char* to, double value) noexcept;
char* write_float(char* to, float value) noexcept;

char* write_integer(char* to, std::int64_t value) noexcept;
char* write_integer(char* to, std::uint64_t value) noexcept;
char* write_integer(char* to, sidecar::Int128 value) noexcept;
char* write_integer(char* to, sidecar::UInt128 value) noexcept;

/// `unscaled` / 10^scale with all `scale` digits after the point.
char* write_decimal(char* to, sidecar::Int128 unscaled, unsigned scale) noexcept;

/// At least `width` digits, zeros in front. REQUIRES: width <= 20.
char* write_padded(char* to, std::uint64_t value, unsigned width) noexcept;

}  // namespace gatehouse::render
