#include "sidecar/config/build_reports.h"

#include <algorithm>
#include <cctype>

#include "sidecar/config/read_value.h"

namespace gatehouse::config {

Log build_log(const Node* node, const std::string& directory)
{
    Log out;
    read(find(node, "format"), out.format);
    read(find(node, "level"), out.level);
    std::transform(out.level.begin(), out.level.end(), out.level.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    read_path(find(node, "file"), directory, out.file);
    read_mode(find(node, "mode"), out.mode);
    read_size(find(node, "rotate_size"), out.rotate_size);
    read(find(node, "keep"), out.keep);
    return out;
}

}  // namespace gatehouse::config
