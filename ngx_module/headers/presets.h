// What `gate_headers` stands for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::headers_feature {

enum class Preset : std::uint8_t { off, strict, dashboard, embed };

/// A field of a preset. Without a value it is removed. A value may have $gate_csp_nonce in it.
struct PresetField {
    std::string_view name;
    std::string_view lower;
    std::string_view value;
};

std::optional<Preset> parse_preset(std::string_view word) noexcept;
std::span<const PresetField> fields_of(Preset preset) noexcept;

}  // namespace gatehouse::headers_feature
