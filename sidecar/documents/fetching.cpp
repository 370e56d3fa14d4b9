// What of fetching needs no agent.
#include <algorithm>
#include <exception>
#include <new>

#include "sidecar/base/json_rows.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/process_memory.h"
#include "sidecar/base/time_text.h"
#include "sidecar/documents/agent.h"
#include "src/base/ascii.h"

namespace gatehouse::documents {

using sidecar::Fetched;

namespace {

constexpr long status_ok = 200;
constexpr unsigned fetches_at_once = 4;

/// Equal but for the document itself.
bool same_source(const config::Source& one, const config::Source& other)
{
    auto placed = other;
    placed.document = one.document;
    return placed == one;
}

Result<void> attach(config::Source& source, const config::Source* before)
{
    if (before != nullptr && before->document && same_source(source, *before)) {
        source.document = before->document;
        return {};
    }
    auto document = sidecar::Document::create();
    if (!document) {
        return document.error();
    }
    source.document = std::move(*document);
    return {};
}

}  // namespace

sidecar::FetchRequest request_of(const config::HttpOptions& http)
{
    sidecar::FetchRequest request;
    request.url = http.url;
    request.accept = "application/json";
    for (const auto& [name, value] : http.headers) {
        if (equals_ignoring_case(name, "accept")) {
            request.accept = value;
        } else {
            request.fields.emplace_back(name, value);
        }
    }
    if (!http.bearer.empty()) {
        request.fields.emplace_back("Authorization", "Bearer " + http.bearer);
    }
    request.ca_file = http.ca_file;
    request.reach = http.allow_private ? sidecar::Reach::anywhere : sidecar::Reach::internet;
    request.timeout = http.timeout;
    request.largest_body = http.max_size;
    request.redirects = http.redirects;
    request.compressed = true;
    return request;
}

std::string why_not_fetched(const std::string& why, std::int64_t last_good_ms)
{
    return "was not fetched: " + why +
           (last_good_ms == 0
                ? ""
                : "; its last good document is of " + sidecar::utc_text(last_good_ms));
}

Result<bool> store(const config::HttpOptions& http, const sidecar::Fetched& fetched,
                   sidecar::Document& document)
{
    if (fetched.status != status_ok) {
        return Error{"the answer has the status " + std::to_string(fetched.status)};
    }
    const auto rows = sidecar::json_rows(fetched.body, http.rows);
    if (!rows) {
        return Error{"the answer is not usable: " + rows.error().message};
    }
    return document.put(rows->ndjson, rows->rows);
}

namespace {

Answer ask_once(const Fetch& fetch, const sidecar::FetchRequest& request,
                const config::Source& source)
{
    auto fetched = fetch(request);
    if (!fetched) {
        return {fetched, fetched.error()};
    }
    if (fetched->status == status_not_modified && !(request.etag + request.last_modified).empty()) {
        source.document->confirm();
        return {std::move(fetched), false};
    }
    auto changed = store(source.http, *fetched, *source.document);
    fetched->body = {};
    return {std::move(fetched), std::move(changed)};
}

}  // namespace

/// The pool's tasks must not throw.
Answer ask(const Fetch& fetch, const sidecar::FetchRequest& request, const config::Source& source)
try {
    const sidecar::UnderMemoryLimit limited;
    return ask_once(fetch, request, source);
} catch (const std::bad_alloc&) {
    const Error none{"there is no memory for the answer"};
    return {none, none};
} catch (const std::exception& error) {
    const Error unknown{std::string{"internal error: "} + error.what()};
    return {unknown, unknown};
}

Result<void> attach_documents(std::map<std::string, config::Source>& sources,
                              const std::map<std::string, config::Source>& before)
{
    for (auto& [name, source] : sources) {
        if (source.kind != "http") {
            continue;
        }
        const auto old = before.find(name);
        if (auto done = attach(source, old == before.end() ? nullptr : &old->second); !done) {
            return Error{"source \"" + name + "\": " + done.error().message};
        }
    }
    return {};
}

void fetch_all(const std::map<std::string, config::Source>& sources)
{
    sidecar::Pool pool{"fetch", fetches_at_once};
    for (const auto& [name, source] : sources) {
        if (source.kind != "http" || !source.document) {
            continue;
        }
        pool.submit([&source = source] {
            const auto answer = ask(sidecar::fetch, request_of(source.http), source);
            if (!answer.changed) {
                source.document->fail(why_not_fetched(answer.changed.error().message, 0));
            }
        });
    }
}

}  // namespace gatehouse::documents
