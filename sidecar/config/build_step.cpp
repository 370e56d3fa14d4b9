#include "sidecar/config/build_step.h"

#include "sidecar/config/read_value.h"

namespace gatehouse::config {

namespace {

std::vector<double> numbers_of(const Node& list)
{
    std::vector<double> out;
    for (const Node* child : list.children) {
        if (const auto number = number_of(child)) {
            out.push_back(*number);
        }
    }
    return out;
}

bool holds_numbers(const Node& list)
{
    return !list.children.empty() && number_of(list.children.front()).has_value();
}

void read_option(const Node& option, Step& out)
{
    if (const auto text = text_of(&option)) {
        out.text[option.name] = *text;
    } else if (const auto number = number_of(&option)) {
        out.number[option.name] = *number;
    } else if (const auto flag = boolean_of(&option)) {
        out.flag[option.name] = *flag;
    } else if (option.is_array() && holds_numbers(option)) {
        out.numbers[option.name] = numbers_of(option);
    } else if (option.is_array()) {
        out.names[option.name] = strings_of(&option);
    } else if (option.is_object()) {
        for (const Node* value : option.children) {
            out.values.emplace_back(value->name, pairs_of(value));
        }
    }
}

Json text(const std::string& value)
{
    return Json(json_stringn(value.data(), value.size()));
}

Json number(double value)
{
    const auto whole = static_cast<json_int_t>(value);
    return Json(static_cast<double>(whole) == value ? json_integer(whole) : json_real(value));
}

template <class Values, class Convert>
Json list(const Values& values, Convert convert)
{
    Json out(json_array());
    for (const auto& value : values) {
        json_array_append_new(out.get(), convert(value).release());
    }
    return out;
}

template <class Values, class Convert>
void add_members(json_t* to, const Values& values, Convert convert)
{
    for (const auto& [key, value] : values) {
        json_object_setn_new(to, key.data(), key.size(), convert(value).release());
    }
}

Json pairs(const Step::Pairs& from)
{
    Json out(json_object());
    add_members(out.get(), from, text);
    return out;
}

Json options_as_json(const Step& from)
{
    Json out(json_object());
    add_members(out.get(), from.number, number);
    add_members(out.get(), from.text, text);
    add_members(out.get(), from.flag, [](bool value) { return Json(json_boolean(value)); });
    add_members(out.get(), from.names, [](const auto& names) { return list(names, text); });
    add_members(out.get(), from.numbers, [](const auto& all) { return list(all, number); });
    add_members(out.get(), from.branches, steps_as_json);
    if (!from.values.empty()) {
        Json values(json_object());
        add_members(values.get(), from.values, pairs);
        json_object_set_new(out.get(), "values", values.release());
    }
    return out;
}

}  // namespace

std::optional<Step> step_of(const Node& node)
{
    if (node.children.empty()) {
        return std::nullopt;
    }
    Step out;
    const Node& options = *node.children.front();
    out.name = options.name;
    for (const Node* option : options.children) {
        if (out.name == "parts") {
            out.branches.emplace_back(option->name, steps_of(option));
        } else {
            read_option(*option, out);
        }
    }
    return out;
}

std::vector<Step> steps_of(const Node* node)
{
    std::vector<Step> out;
    if (node != nullptr && node->is_array()) {
        for (const Node* child : node->children) {
            if (auto step = step_of(*child)) {
                out.push_back(std::move(*step));
            }
        }
    }
    return out;
}

Json steps_as_json(const std::vector<Step>& steps)
{
    return list(steps, [](const Step& step) {
        Json out(json_object());
        json_object_setn_new(out.get(), step.name.data(), step.name.size(),
                             options_as_json(step).release());
        return out;
    });
}

}  // namespace gatehouse::config
