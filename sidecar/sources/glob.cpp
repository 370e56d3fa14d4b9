#include "sidecar/sources/glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace gatehouse::sources {
namespace {

namespace fs = std::filesystem;
using Parts = std::vector<std::string>;

std::vector<fs::path> names_in(const fs::path& directory)
{
    std::error_code error;
    std::vector<fs::path> paths;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        paths.push_back(entry->path());
    }
    return paths;
}

bool leads_to_directory(const fs::path& path)
{
    std::error_code error;
    return fs::is_directory(path, error);
}

bool is_link(const fs::path& path)
{
    std::error_code error;
    return fs::is_symlink(path, error);
}

bool has_entry(const fs::path& path)
{
    std::error_code error;
    return fs::exists(fs::symlink_status(path, error));
}

class Expansion {
public:
    explicit Expansion(Parts parts) : parts_(std::move(parts)) {}

    void from(const fs::path& base, std::size_t index)
    {
        if (index == parts_.size()) {
            found.paths.push_back(base.string());
        } else if (parts_[index] == "**") {
            any_depth(base, index);
        } else if (is_pattern(parts_[index])) {
            names(base, index);
        } else if (has_entry(base / parts_[index])) {
            from(base / parts_[index], index + 1);
        }
    }

    GlobMatches found;

private:
    void names(const fs::path& base, std::size_t index)
    {
        found.searched.push_back({base.string(), parts_[index]});
        for (const fs::path& path : names_in(base)) {
            const bool last = index + 1 == parts_.size();
            if (fnmatch(parts_[index].c_str(), path.filename().c_str(), FNM_PERIOD) == 0 &&
                last != leads_to_directory(path)) {
                from(path, index + 1);
            }
        }
    }

    /// Links to directories are not followed: they may lead back up.
    void any_depth(const fs::path& base, std::size_t index)
    {
        found.searched.push_back({base.string(), parts_[index + 1]});
        from(base, index + 1);
        for (const fs::path& path : names_in(base)) {
            if (!path.filename().string().starts_with('.') && leads_to_directory(path) &&
                !is_link(path)) {
                any_depth(path, index);
            }
        }
    }

    Parts parts_;
};

template <class Names>
void make_set(Names& names)
{
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

bool is_pattern(std::string_view path) noexcept
{
    return path.find_first_of("*?[") != std::string_view::npos;
}

GlobMatches expand(const std::string& pattern)
{
    // A file that is really called so is meant, whatever its name would match.
    if (has_entry(pattern)) {
        return {{pattern}, {}};
    }
    const fs::path path(pattern);
    Parts parts;
    for (const fs::path& part : path.relative_path()) {
        parts.push_back(part.string());
    }
    if (!parts.empty() && parts.back() == "**") {
        parts.push_back("*");
    }
    Expansion expansion(std::move(parts));
    expansion.from(path.root_path(), 0);
    make_set(expansion.found.paths);
    make_set(expansion.found.searched);
    return std::move(expansion.found);
}

}  // namespace gatehouse::sources
