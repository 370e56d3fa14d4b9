#include "src/audit/verifier.h"

#include <jansson.h>

#include <memory>
#include <utility>

namespace gatehouse::audit {

namespace {

using Flaw = Verifier::Flaw;

std::string text_of(const json_t* object, const char* key)
{
    const auto* value = json_string_value(json_object_get(object, key));
    return value == nullptr ? std::string{} : std::string{value};
}

std::string lines(std::uint64_t count)
{
    return count == 1 ? "one line is missing" : std::to_string(count) + " lines are missing";
}

}  // namespace

std::optional<StartRecord> start_of(const SealedLine& line)
{
    const std::string whole = std::string{line.body} + '}';
    const std::unique_ptr<json_t, decltype(&json_decref)> json{
        json_loadb(whole.data(), whole.size(), JSON_ALLOW_NUL, nullptr), &json_decref};
    if (!json || text_of(json.get(), "event") != "start") {
        return std::nullopt;
    }
    StartRecord start;
    start.previous = {line.seq - 1, text_of(json.get(), "previous")};
    start.key_id = text_of(json.get(), "key");
    if (const auto* fragment = json_object_get(json.get(), "fragment")) {
        start.fragment_sha256 = text_of(fragment, "sha256");
    }
    return start;
}

std::optional<Flaw> Verifier::next(std::string_view line)
{
    if (const auto parts = take_apart(line)) {
        return next_sealed(*parts);
    }
    torn_.append(torn_lines_ == 0 ? "" : "\n").append(line);
    ++torn_lines_;
    return std::nullopt;
}

std::optional<Flaw> Verifier::next_sealed(const SealedLine& line)
{
    const auto start = start_of(line);
    if (torn_lines_ != 0 && (!start || start->fragment_sha256 != sha256_digits(torn_))) {
        return Flaw{"this line was changed, or put in", torn_lines_};
    }
    if (!begun_ && !start) {
        return Flaw{"the lines before this one are missing: a log begins with a start record"};
    }
    if (start && start->key_id != mac_.key_id()) {
        return Flaw{"from here on the log was written with another key"};
    }
    const auto& previous = begun_ ? end_ : start->previous;
    if (line.seq != previous.seq + 1 || mac_(previous.hmac, line.body) != line.hmac) {
        return explain(line);
    }
    if (start && !start->fragment_sha256.empty() && torn_lines_ == 0) {
        return Flaw{"the torn line before this one is missing"};
    }
    begun_ = true;
    torn_.clear();
    torn_lines_ = 0;
    end_ = {line.seq, std::string{line.hmac}};
    return std::nullopt;
}

Flaw Verifier::explain(const SealedLine& line) const
{
    if (!begun_ || line.seq == end_.seq + 1) {
        return {"this line was changed, or stands where another one was"};
    }
    if (line.seq <= end_.seq) {
        return {"line number " + std::to_string(line.seq) + " comes after number " +
                std::to_string(end_.seq) + ": put in, moved, or of another log"};
    }
    return {lines(line.seq - end_.seq - 1) + " before this one"};
}

std::optional<Flaw> Verifier::finish() const
{
    if (torn_lines_ != 0) {
        return Flaw{"this line is torn, and no line after it says so", torn_lines_};
    }
    return std::nullopt;
}

}  // namespace gatehouse::audit
