#include "sidecar/config/envelope.h"

#include <cstdlib>

namespace gatehouse::config {

namespace {

std::string json_text(json_t* value)
{
    char* dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    std::string out = dumped == nullptr ? "null" : dumped;
    std::free(dumped);
    return out;
}

/// Writes a node and finds the place for the data.
class Writer {
public:
    void write(const Node& node)
    {
        if (node.is_object() || node.is_array()) {
            nested(node);
        } else if (text_of(&node) == envelope_data) {
            ++places;
            split = places == 1 ? out.size() : split;
            out += places == 1 ? "" : json_text(node.json.get());
        } else {
            out += json_text(node.json.get());
        }
    }

    std::string out;
    std::size_t split = 0;
    std::size_t places = 0;

private:
    void nested(const Node& node)
    {
        out += node.is_object() ? '{' : '[';
        const char* separator = "";
        for (const Node* child : node.children) {
            out += separator;
            separator = ",";
            if (node.is_object()) {
                const Json name(json_stringn(child->name.data(), child->name.size()));
                out += json_text(name.get()) + ':';
            }
            write(*child);
        }
        out += node.is_object() ? '}' : ']';
    }
};

}  // namespace

std::optional<Envelope> envelope_of(const Node* node)
{
    if (node == nullptr) {
        return std::nullopt;
    }
    Writer writer;
    writer.write(*node);
    return writer.places == 0 ? std::nullopt
                              : std::optional{Envelope{writer.out.substr(0, writer.split),
                                                       writer.out.substr(writer.split)}};
}

void check_envelope(const Node& card, Diagnostics& out)
{
    const Node* node = find(&card, "envelope");
    if (node == nullptr || !(node->is_object() || node->is_array())) {
        return;
    }
    Writer writer;
    writer.write(*node);
    if (writer.places != 1) {
        error(out, *node, At::value,
              writer.places == 0
                  ? "\"envelope\" has no \"$data\": the string that the answer takes the place of"
                  : "\"envelope\" has \"$data\" " + std::to_string(writer.places) +
                        " times: the answer can be in one place only");
    }
}

Json envelope_json(const Envelope& envelope)
{
    const std::string text = envelope.before + '"' + envelope_data + '"' + envelope.after;
    return Json(json_loads(text.c_str(), 0, nullptr));
}

}  // namespace gatehouse::config
