// The forms in which health is told: those that are built in, conf/health/*.json, and those of the
// configuration.
//
// Thread safety: immutable once made.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sidecar/health/layout.h"
#include "src/health/words.h"

namespace gatehouse::checks {

struct AnswerForm {
    std::array<std::uint16_t, health::state_names.size()> codes{503, 200, 200, 503};  ///< by State
    std::optional<std::uint16_t> away_code;  ///< while the sidecar is merely away, not down yet
    const json_t* body = nullptr;            ///< in its profile's text

    std::uint16_t code(const Report& report) const noexcept
    {
        return report.is_merely_away() && away_code ? *away_code
                                                    : codes[static_cast<std::size_t>(report.state)];
    }
};

class Profile {
public:
    /// JSON with `//` comments. Errors say what is wrong, without the profile's name.
    static Result<Profile> parse(const std::string& text);

    const std::string& content_type() const noexcept { return content_type_; }
    const Words& words() const noexcept { return words_; }

    /// A question without a form of its own is answered as the next simpler one is: extended as
    /// detailed, detailed, ready and brief as status.
    const AnswerForm& form(health::Question question) const noexcept;

private:
    struct Free {
        void operator()(json_t* value) const noexcept;
    };

    Result<void> read();
    Result<void> read_answer(const char* name, const json_t* answer);

    std::unique_ptr<json_t, Free> json_;
    std::string content_type_ = "application/json";
    Words words_;
    std::array<AnswerForm, health::question_count> forms_{};  ///< body null: none
};

/// For LoadOptions::check_profile.
Result<void> check_profile(const std::string& text);

using Profiles = std::map<std::string, Profile>;  ///< by name

/// Those that are built in, and these, which may take the place of one that is.
Profiles make_profiles(const std::map<std::string, std::string>& configured);

}  // namespace gatehouse::checks
