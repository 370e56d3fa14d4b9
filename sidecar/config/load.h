// From a file to the values the sidecar runs on, or to every reason why not.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::config {

/// The value of an environment variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Whether a step exists and its options are known and in range.
using StepCheck = std::function<Result<void>(const Step& step)>;

/// Whether a form of answers about health is one; `text`: JSON.
using ProfileCheck = std::function<Result<void>(const std::string& text)>;

struct LoadOptions {
    std::string prefix;  ///< what relative paths are relative to; empty: the directory of the file
    Environment environment;     ///< empty: the process's own
    StepCheck check_step;        ///< empty: what the schema says is all there is to check
    ProfileCheck check_profile;  ///< the same
};

/// Reads `file` and what it includes: scan, substitution, schema, merge, checks that span several
/// values. Every stage reports all it finds into `diagnostics`, sorted. The result is empty exactly
/// when one is an error. Never throws on bad input.
std::optional<Config> load(const std::string& file, const LoadOptions& options,
                           Diagnostics& diagnostics);

/// The effective configuration as JSON that load() accepts: includes merged, variables substituted,
/// defaults filled in. Values from `${file:…}` and of keys the schema marks as secret read "•••".
std::string dump(const Config& config);

/// All that is said of a card or a source, defaults included, as text: the same text, the same
/// definition. Its name and its place are not in it; secrets may be.
std::string definition(const Card& card);
std::string definition(const Source& source);

/// The JSON Schema the checker reads, byte for byte as shipped.
std::string_view schema_text();

}  // namespace gatehouse::config
