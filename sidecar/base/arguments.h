// Values that a request gives to a card's parameters: what SQL gets for `$name`. Always bound as
// prepared parameters, never put into the text.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "src/base/result.h"

namespace gatehouse::sidecar {

enum class ParameterType : std::uint8_t {
    integer,      ///< std::int64_t
    number,       ///< double, finite
    string,       ///< std::string, UTF-8 without NUL
    date,         ///< std::string, YYYY-MM-DD, of the proleptic Gregorian calendar
    datetime,     ///< std::string, YYYY-MM-DDTHH:MM:SS[.ffffff]Z, UTC
    enumeration,  ///< std::string, one of the declared
    boolean,      ///< bool
};

/// std::monostate: NULL.
using ArgumentValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct Argument {
    std::string name;  ///< as in the SQL, without its `$`
    ParameterType type = ParameterType::string;
    ArgumentValue value;

    bool operator==(const Argument&) const = default;
};

using Arguments = std::vector<Argument>;

/// What SQL gets that names a parameter without an argument.
inline Error no_argument(const std::string& name)
{
    return {"the SQL has $" + name +
            ", but the card has no such parameter; declare it in the card's \"params\""};
}

}  // namespace gatehouse::sidecar
