#include "sidecar/health/profiles.h"

#include <jansson.h>

#include <algorithm>
#include <utility>

#include "src/http/token.h"

namespace gatehouse::checks {

namespace {

using health::Question;

/// Name and text of each file of conf/health.
constexpr std::pair<const char*, const char*> built_in[] = {
#include <gatehouse_profiles.inc>
};

/// What jansson does not take: comments, which stand on lines of their own.
std::string without_comments(const std::string& text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto first = text.find_first_not_of(" \t", at);
        if (first == text.npos || text.compare(first, 2, "//") != 0) {
            out.append(text, at, end - at);
        }
        out += '\n';
        at = end + 1;
    }
    return out;
}

template <class Names>
std::size_t index_in(const Names& names, std::string_view name)
{
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Error unknown(const char* what, const char* name)
{
    return Error{std::string{"there is no "} + what + " \"" + name + '"'};
}

Result<void> read_words(const json_t* from, Words& words)
{
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(from), key, value)
    {
        const std::pair<std::string_view, std::string*> known[] = {{"unknown", &words.unknown},
                                                                   {"up", &words.up},
                                                                   {"degraded", &words.degraded},
                                                                   {"down", &words.down}};
        const auto* word = std::find_if(std::begin(known), std::end(known),
                                        [&](const auto& one) { return one.first == key; });
        if (word == std::end(known)) {
            return unknown("state", key);
        }
        if (!json_is_string(value)) {
            return Error{"the word for \"" + std::string{key} + "\" is not a string"};
        }
        *word->second = json_string_value(value);
    }
    return {};
}

Result<void> read_codes(const json_t* from, AnswerForm& form)
{
    if (from != nullptr && !json_is_object(from)) {
        return Error{"\"codes\" is no object such as {\"degraded\": 503}"};
    }
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(from), key, value)
    {
        const auto state = index_in(health::state_names, key);
        const auto code = json_integer_value(value);
        const bool is_away = key == away_word;
        if (state == health::state_names.size() && !is_away) {
            return unknown("state", key);
        }
        if (code < 200 || code > 599) {
            return Error{"the status for \"" + std::string{key} + "\" is none of 200 to 599"};
        }
        if (code == 204 || code == 205 || code == 304) {
            return Error{"the status for \"" + std::string{key} + "\" is one without a body"};
        }
        if (is_away) {
            form.away_code = static_cast<std::uint16_t>(code);
        } else {
            form.codes[state] = static_cast<std::uint16_t>(code);
        }
    }
    return {};
}

/// type "/" subtype, and parameters of visible characters (RFC 9110, section 8.3): nginx sends it
/// as it is, and takes no answer without it.
bool is_media_type(std::string_view text)
{
    const auto slash = text.find('/');
    const auto end = std::min(text.find_first_of("; "), text.size());
    return slash < end && http::is_token(text.substr(0, slash)) &&
           http::is_token(text.substr(slash + 1, end - slash - 1)) &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

Question simpler(Question question) noexcept
{
    return question == Question::extended ? Question::detailed : Question::status;
}

}  // namespace

void Profile::Free::operator()(json_t* value) const noexcept
{
    json_decref(value);
}

Result<Profile> Profile::parse(const std::string& text)
{
    Profile profile;
    json_error_t error;
    profile.json_.reset(json_loads(without_comments(text).c_str(), JSON_REJECT_DUPLICATES, &error));
    if (!json_is_object(profile.json_.get())) {
        return Error{std::string{"it is not a JSON object: "} + error.text};
    }
    if (auto sound = profile.read(); !sound) {
        return sound.error();
    }
    return profile;
}

Result<void> Profile::read()
{
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(json_.get(), key, value)
    {
        const std::string_view name = key;
        Result<void> sound;
        if (name == "content_type" && json_is_string(value)) {
            content_type_.assign(json_string_value(value), json_string_length(value));
            if (!is_media_type(content_type_)) {
                sound = Error{"its content_type is no media type such as \"application/json\""};
            }
        } else if (name == "words" && json_is_object(value)) {
            sound = read_words(value, words_);
        } else if (name == "answers" && json_is_object(value)) {
            const char* question = nullptr;
            json_t* answer = nullptr;
            json_object_foreach(value, question, answer)
            {
                if (sound) {
                    sound = read_answer(question, answer);
                }
            }
        } else {
            sound = unknown("key of that type called", key);
        }
        if (!sound) {
            return sound;
        }
    }
    const auto& status = forms_[static_cast<std::size_t>(Question::status)];
    return status.body != nullptr ? Result<void>{} : Error{"it has no answer \"status\""};
}

Result<void> Profile::read_answer(const char* name, const json_t* answer)
{
    const auto question = index_in(health::question_names, name);
    if (question == health::question_names.size()) {
        return unknown("question", name);
    }
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(answer), key, value)
    {
        if (const std::string_view member = key; member != "body" && member != "codes") {
            return unknown("member of an answer called", key);
        }
    }
    auto& form = forms_[question];
    form.body = json_object_get(answer, "body");
    if (form.body == nullptr) {
        return Error{"answer \"" + std::string{name} + "\" has no \"body\""};
    }
    if (auto sound = read_codes(json_object_get(answer, "codes"), form); !sound) {
        return sound;
    }
    if (auto sound = check_layout(form.body); !sound) {
        return Error{"answer \"" + std::string{name} + "\": " + sound.error().message};
    }
    return {};
}

const AnswerForm& Profile::form(Question question) const noexcept
{
    while (forms_[static_cast<std::size_t>(question)].body == nullptr &&
           question != Question::status) {
        question = simpler(question);
    }
    return forms_[static_cast<std::size_t>(question)];
}

Result<void> check_profile(const std::string& text)
{
    const auto profile = Profile::parse(text);
    return profile ? Result<void>{} : Result<void>{profile.error()};
}

Profiles make_profiles(const std::map<std::string, std::string>& configured)
{
    Profiles profiles;
    const auto add = [&](const std::string& name, const std::string& text) {
        if (auto profile = Profile::parse(text)) {
            profiles.insert_or_assign(name, std::move(*profile));
        }
    };
    for (const auto& [name, text] : built_in) {
        add(name, text);
    }
    for (const auto& [name, text] : configured) {
        add(name, text);
    }
    return profiles;
}

}  // namespace gatehouse::checks
