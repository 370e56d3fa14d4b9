// A place in a JSON text: reads its tokens as RFC 8259 has them, and says where one is not.
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::sidecar {

/// What reads returns false once, for good, when the text is not what it should be; error_ says
/// why.
class JsonCursor {
protected:
    explicit JsonCursor(std::string_view text) : text_(text) {}

    /// Notes the first error, as `line 3, column 7: what`.
    bool fail(std::string what);

    /// The same for what is not there.
    bool expected(const char* what);

    char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) noexcept;
    void space() noexcept;

    bool word(std::string_view word);
    bool number();

    /// Appends the decoded text to `out` unless that is null. REQUIRES: peek() is the quote.
    bool string(std::string* out);

    std::string_view text_;
    std::size_t at_ = 0;
    std::optional<Error> error_;

private:
    bool digits();
    bool escape(std::string* out);
    bool pair(std::uint32_t first, std::string* out);

    /// Four hexadecimal digits.
    std::optional<std::uint32_t> unit(std::size_t at) const;
};

}  // namespace gatehouse::sidecar
