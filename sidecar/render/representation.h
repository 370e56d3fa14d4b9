// One rendering of a card: a format in an encoding, as it will go over the wire.
#pragma once

#include <string>
#include <string_view>

#include "src/base/representation.h"

namespace gatehouse::render {

struct Representation {
    Format format = Format::json;
    Encoding encoding = Encoding::identity;
    std::string content_type;
    std::string body;
};

/// Media type of a format, with its parameters.
std::string_view content_type(Format format) noexcept;

}  // namespace gatehouse::render
