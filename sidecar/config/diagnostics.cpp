#include "sidecar/config/diagnostics.h"

#include <algorithm>
#include <tuple>

namespace gatehouse::config {

namespace {

std::string counted(std::size_t n, const char* noun)
{
    return std::to_string(n) + ' ' + noun + (n == 1 ? "" : "s");
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic)
{
    ++(diagnostic.severity == Severity::error ? errors : warnings);
    if (!full()) {
        list.push_back(std::move(diagnostic));
    }
}

void Diagnostics::sort()
{
    std::stable_sort(list.begin(), list.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
}

std::string summary(const Diagnostics& diagnostics)
{
    std::string out = counted(diagnostics.errors, "error");
    if (diagnostics.warnings > 0) {
        out += ", " + counted(diagnostics.warnings, "warning");
    }
    return diagnostics.files == 0 ? out : out + " in " + counted(diagnostics.files, "file");
}

}  // namespace gatehouse::config
