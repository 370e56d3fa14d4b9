#include "sidecar/on_demand/question.h"

#include <algorithm>
#include <set>

#include "sidecar/on_demand/options.h"

namespace gatehouse::on_demand {

namespace {

using sidecar::Parameter;

class Reader {
public:
    Reader(const config::Card& card, std::string key) : card_(card) { out_.key = std::move(key); }

    void read(const Pairs& in_path, const Pairs& query)
    {
        note_repeated(query);
        for (const Parameter& parameter : card_.params) {
            read(parameter, in_path, query);
        }
        for (const auto& [name, text] : query) {
            if (seen_.contains(name)) {
                read_option(name, text);
            }
        }
        if (out_.options.after && out_.options.after->size() != sort_width()) {
            refuse("cursor", "must be that of an answer with the same sort");
        }
    }

    std::variant<Question, std::vector<InvalidParam>> take()
    {
        if (!invalid_.empty()) {
            return std::move(invalid_);
        }
        return std::move(out_);
    }

private:
    void refuse(std::string_view name, std::string reason)
    {
        invalid_.push_back({std::string{name}, std::move(reason)});
    }

    void note_repeated(const Pairs& query)
    {
        std::set<std::string> repeated;
        for (const auto& [name, text] : query) {
            if (!seen_.insert(name).second && repeated.insert(name).second) {
                refuse(name, "must be there once");
            }
        }
        for (const std::string& name : repeated) {
            seen_.erase(name);
        }
    }

    static const std::string* find(const Pairs& pairs, const std::string& name)
    {
        const auto found = std::find_if(pairs.begin(), pairs.end(),
                                        [&](const auto& pair) { return pair.first == name; });
        return found == pairs.end() ? nullptr : &found->second;
    }

    void read(const Parameter& parameter, const Pairs& in_path, const Pairs& query)
    {
        const std::string* text = find(in_path, parameter.name);
        if (text == nullptr && seen_.erase(parameter.name) != 0) {
            text = find(query, parameter.name);
        }
        sidecar::Argument argument{parameter.name, parameter.type, parameter.fallback};
        if (text != nullptr) {
            auto value = parse_value(parameter, *text);
            if (!value) {
                return refuse(parameter.name, value.error().message);
            }
            argument.value = std::move(*value);
        } else if (find(query, parameter.name) != nullptr) {
            return;  // twice: said already
        } else if (parameter.required) {
            return refuse(parameter.name, "is missing");
        }
        out_.arguments.push_back(std::move(argument));
    }

    void read_option(const std::string& name, const std::string& text)
    {
        if (auto reason = on_demand::read_option(card_, name, text, out_.options)) {
            refuse(name, std::move(*reason));
        }
    }

    std::size_t sort_width() const { return with_key(out_.options.sort, card_.key).size(); }

    const config::Card& card_;
    Question out_;
    std::vector<InvalidParam> invalid_;
    std::set<std::string> seen_;  // names in the query, once, that nobody has read yet
};

}  // namespace

std::variant<Question, std::vector<InvalidParam>> question_of(const config::Card& card,
                                                              std::string key, const Pairs& in_path,
                                                              const Pairs& query)
{
    Reader reader{card, std::move(key)};
    reader.read(in_path, query);
    return reader.take();
}

}  // namespace gatehouse::on_demand
