#include "sidecar/base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <map>
#include <memory>
#include <mutex>

namespace gatehouse::sidecar {

namespace {

constexpr std::uint32_t match_limit = 100'000;

struct FreeCode {
    void operator()(pcre2_code* code) const noexcept { pcre2_code_free(code); }
};
struct FreeData {
    void operator()(pcre2_match_data* data) const noexcept { pcre2_match_data_free(data); }
};
struct FreeContext {
    void operator()(pcre2_match_context* context) const noexcept
    {
        pcre2_match_context_free(context);
    }
};
using Code = std::unique_ptr<pcre2_code, FreeCode>;

Code compile(const std::string& pattern)
{
    int error = 0;
    PCRE2_SIZE offset = 0;
    return Code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                              PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &error, &offset, nullptr));
}

/// Null when the pattern is broken.
const pcre2_code* compiled(const std::string& pattern)
{
    static std::mutex mutex;
    static std::map<std::string, Code> cache;
    const std::scoped_lock lock(mutex);
    const auto at = cache.find(pattern);
    return (at != cache.end() ? at : cache.emplace(pattern, compile(pattern)).first)->second.get();
}

}  // namespace

bool is_pattern(const std::string& pattern)
{
    return compile(pattern) != nullptr;
}

bool matches(const std::string& pattern, std::string_view text)
{
    const pcre2_code* code = compiled(pattern);
    if (code == nullptr) {
        return false;
    }
    const std::unique_ptr<pcre2_match_data, FreeData> data(
        pcre2_match_data_create_from_pattern(code, nullptr));
    const std::unique_ptr<pcre2_match_context, FreeContext> context(
        pcre2_match_context_create(nullptr));
    pcre2_set_match_limit(context.get(), match_limit);
    return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0,
                       data.get(), context.get()) >= 0;
}

}  // namespace gatehouse::sidecar
