#include "sidecar/config/scan.h"

#include <algorithm>

#include "sidecar/config/scanner.h"

namespace gatehouse::config {

namespace {

/// Gives every node its jansson value. Both sides list members in the order of the file.
void bind(Node& node, json_t* json)
{
    node.json = share(json);
    std::size_t i = 0;
    if (json_is_array(json)) {
        for (; i < node.children.size(); ++i) {
            bind(*node.children[i], json_array_get(json, i));
        }
        return;
    }
    for (void* at = json_object_iter(json); at != nullptr && i < node.children.size();
         at = json_object_iter_next(json, at)) {
        bind(*node.children[i++], json_object_iter_value(at));
    }
}

}  // namespace

Node* scan(const SourceFile& file, Tree& tree, Diagnostics& out)
{
    const std::string text = blank_comments(file.text());
    if (const std::size_t bad = first_broken_utf8(text); bad != std::string_view::npos) {
        const bool utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
        error(out, file, {bad, 1}, utf16 ? "this is UTF-16, not UTF-8" : "this is not UTF-8",
              utf16 ? "convert the file, as with iconv -f UTF-16 -t UTF-8"
                    : "save the file as UTF-8");
        return nullptr;
    }
    Scanner scanner(file, text, tree, out);
    Node* root = scanner.document();
    if (root == nullptr) {
        return nullptr;
    }
    const std::size_t flags = JSON_DECODE_ANY | (scanner.duplicates() ? 0 : JSON_REJECT_DUPLICATES);
    json_error_t failure;
    const Json json(json_loadb(text.data(), text.size(), flags, &failure));
    if (!json) {
        const auto behind = static_cast<std::size_t>(std::max(failure.position, 1));
        const std::string why = failure.text;
        error(out, file, {behind - 1, 1}, printable(why.substr(0, why.find(" near "))));
        return nullptr;
    }
    bind(*root, json.get());
    return root;
}

}  // namespace gatehouse::config
