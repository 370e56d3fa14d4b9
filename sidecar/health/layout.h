// The form of an answer about health: JSON in which strings that begin with `$` stand for values,
// and objects with such keys for choices.
//
//     "$status"                      a value; docs/checks.md has the names
//     {"$case": "$state", "up": …, "down": …}
//                                    the member of that name; none: "down", then null. While the
//                                    sidecar is merely away "away" comes before "degraded".
//     {"$checks": …, "$key": "$name", "$kind": "file"}
//                                    an object with a member for each check (of that kind)
//     "$$status"                     the text "$status"
//
// What only nginx knows is left to it: a slot of src/health/words.h.
//
// Thread safety: immutable once compiled.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sidecar/health/report.h"
#include "src/base/result.h"

struct json_t;

namespace gatehouse::checks {

/// As a state is called in `$case` and codes while the sidecar is away, but not for long.
inline constexpr std::string_view away_word = "away";

/// The words of a profile for the states.
struct Words {
    std::string unknown = "unknown", up = "up", degraded = "degraded", down = "down";

    const std::string& of(State state) const noexcept;
};

/// The text of `layout` for a report. Unknown names are null.
std::string render(const json_t* layout, const Report& report, const Words& words);

/// Fails for names of values that do not exist, naming the first.
Result<void> check_layout(const json_t* layout);

}  // namespace gatehouse::checks
