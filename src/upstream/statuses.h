// Statuses of HTTP that are taken for good: "200-399", "200,204,401".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace gatehouse::upstream {

class Statuses {
public:
    /// Numbers from 100 to 599 and ranges of them, separated by commas. The error says what is
    /// expected.
    static Result<Statuses> parse(std::string_view text);

    bool contains(long status) const noexcept;

    /// As it was written.
    const std::string& text() const noexcept { return text_; }

    bool operator==(const Statuses& other) const noexcept { return text_ == other.text_; }

private:
    struct Range {
        std::uint16_t first, last;
    };

    std::string text_;
    std::vector<Range> ranges_;
};

}  // namespace gatehouse::upstream
