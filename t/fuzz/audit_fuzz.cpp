// Fuzzes what reads the audit log's parts: a record that a worker wrote, and the lines of a file.
//
// The first byte selects. Even: the rest is a record, from its first word on, whatever it holds
// nothing outside it is read. Odd: the rest is lines, of which none may pass for one of a chain
// whose key nobody has.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "src/audit/region.h"
#include "src/audit/verifier.h"

namespace {

using namespace gatehouse::audit;

void read_record(std::string_view bytes)
{
    // On the heap and of exactly its size, so that the sanitizer sees a step beyond.
    const auto record = std::make_unique<Record>();
    bytes.copy(reinterpret_cast<char*>(record.get()), sizeof(Record));
    record->sequence = 1;
    const auto text = std::make_unique<TextBuffer>();
    const auto decision = read({nullptr, record.get()}, 1, *text);
    if (!decision) {
        std::abort();
    }
    for (const auto part : {decision->token_id, decision->rule, decision->user}) {
        if (!part.empty() && (part.data() < text->data() ||
                              part.data() + part.size() > text->data() + text->size())) {
            std::abort();
        }
    }
}

void read_lines(std::string_view text)
{
    static const auto mac = Mac::create("a key that is only in this program's memory");
    Verifier verifier{mac->copy()};
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (verifier.next(text.substr(0, end))) {
            return;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (verifier.begun()) {
        std::abort();
    }
    (void)verifier.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    if (data[0] % 2 == 0) {
        read_record(bytes);
    } else {
        read_lines(bytes);
    }
    return 0;
}
