#include "sidecar/config/include.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>
#include <unordered_set>

#include "sidecar/config/read_file.h"
#include "sidecar/config/scan.h"
#include "sidecar/config/schema.h"

namespace gatehouse::config {

namespace {

namespace fs = std::filesystem;

bool is_glob(const std::string& path)
{
    return path.find_first_of("*?[") != std::string::npos;
}

/// The matching paths, sorted bytewise.
std::vector<std::string> expand_glob(const std::string& pattern)
{
    glob_t found{};
    std::vector<std::string> out;
    if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
        out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<const Node*> include_items(const Node& root)
{
    const Node* include = find(&root, "include");
    if (include != nullptr && include->is_array()) {
        return {include->children.begin(), include->children.end()};
    }
    return include == nullptr ? std::vector<const Node*>{} : std::vector<const Node*>{include};
}

/// Keys that belong to one file and say nothing about the whole.
bool is_local(const std::string& name)
{
    return name == "include" || name == "$schema" || name == "$comment" || name.starts_with("x-");
}

class Reader {
public:
    Reader(const Variables& variables, const Schema& schema, Tree& tree, Diagnostics& out)
        : variables_(variables), schema_(schema), tree_(tree), out_(out)
    {
    }

    /// `from` is the "include" entry that names the file; null for the main file.
    Node* read(const std::string& path, const Node* from, unsigned depth)
    {
        if (!may_read(path, from, depth)) {
            return nullptr;
        }
        auto text = read_file(path, bytes_left_);
        if (!text) {
            fail(from, path, "cannot read " + path_in_quotes(path) + ": " + text.error().message);
            return nullptr;
        }
        ++out_.files;
        bytes_left_ -= text->size();
        Node* root = scan(tree_.files.emplace_back(path, std::move(*text)), tree_, out_);
        if (root == nullptr) {
            return nullptr;
        }
        substitute(*root, variables_, out_);
        schema_.check(*root, out_);
        include(*root, path, depth);
        return root;
    }

private:
    bool may_read(const std::string& path, const Node* from, unsigned depth)
    {
        if (depth > IncludeLimits::depth) {
            fail(from, path,
                 "included more than " + std::to_string(IncludeLimits::depth) + " levels deep");
            return false;
        }
        if (seen_.size() >= IncludeLimits::files) {
            fail(from, path, "more than " + std::to_string(IncludeLimits::files) + " files");
            return false;
        }
        std::error_code ignored;
        const bool is_new = seen_.insert(fs::weakly_canonical(path, ignored).string()).second;
        if (!is_new) {
            fail(from, path, path_in_quotes(path) + " is already part of this configuration");
        }
        return is_new;
    }

    void fail(const Node* from, const std::string& path, std::string message)
    {
        if (from == nullptr) {
            error(out_, path, std::move(message));
        } else {
            error(out_, *from, At::value, std::move(message));
        }
    }

    void include(Node& root, const std::string& path, unsigned depth)
    {
        const fs::path directory = fs::path(path).parent_path();
        for (const Node* item : include_items(root)) {
            const auto named = text_of(item);
            if (!named || named->empty() || named->find('\0') != std::string::npos) {
                continue;
            }
            const std::string full = (directory / *named).string();
            for (const std::string& file :
                 is_glob(*named) ? expand_glob(full) : std::vector{full}) {
                if (Node* included = read(file, item, depth + 1)) {
                    merge(root, *included);
                }
            }
        }
    }

    void merge(Node& into, Node& from)
    {
        if (!into.is_object() || !from.is_object()) {
            return;
        }
        for (Node* section : from.children) {
            if (!is_local(section->name)) {
                merge_section(into, section);
            }
        }
    }

    void merge_section(Node& into, Node* section)
    {
        Node* known = find(&into, section->name);
        if (known == nullptr) {
            adopt(into, section);
        } else if (known->is_object() && section->is_object()) {
            merge_keys(*known, *section);
        } else if (known->is_array() && section->is_array()) {
            for (Node* element : section->children) {
                adopt(*known, element);
            }
        } else {
            twice(*section, *known);
        }
    }

    void merge_keys(Node& into, Node& from)
    {
        std::unordered_map<std::string_view, Node*> known;
        for (Node* child : into.children) {
            known.emplace(child->name, child);
        }
        for (Node* child : from.children) {
            const auto at = known.find(child->name);
            if (at == known.end()) {
                adopt(into, child);
            } else if (child->name != "$comment") {
                twice(*child, *at->second);
            }
        }
    }

    void twice(const Node& node, const Node& first)
    {
        error(out_, node, At::key,
              "duplicate key " + in_quotes(node.name) + ", first in " + place_of(first));
    }

    static void adopt(Node& parent, Node* child)
    {
        child->parent = &parent;
        parent.children.push_back(child);
    }

    const Variables& variables_;
    const Schema& schema_;
    Tree& tree_;
    Diagnostics& out_;
    std::size_t bytes_left_ = ScanLimits::bytes;
    std::unordered_set<std::string> seen_;
};

}  // namespace

Node* read_document(const std::string& file, const Variables& variables, const Schema& schema,
                    Tree& tree, Diagnostics& out)
{
    return Reader(variables, schema, tree, out).read(file, nullptr, 0);
}

}  // namespace gatehouse::config
