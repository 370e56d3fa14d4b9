#include "sidecar/datasets/file_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include "sidecar/base/json_writer.h"
#include "sidecar/base/log.h"
#include "sidecar/base/time_text.h"
#include "src/base/unique_fd.h"

namespace gatehouse::datasets {

namespace fs = std::filesystem;
using sidecar::DatasetManifest;
using sidecar::DatasetPart;

namespace {

std::string path_in(const Settings& settings, const std::string& file)
{
    return settings.directory + '/' + file;
}

/// The time is for people who look into the directory.
std::string new_part_name(std::int64_t now_ms)
{
    return std::to_string(now_ms) + '-' + random_name() + ".parquet";
}

Result<std::uint64_t> make_durable(const std::string& path)
{
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat status {};
    if (!fd || ::fsync(fd.get()) != 0 || ::fstat(fd.get(), &status) != 0) {
        return Error{path + ": " + std::generic_category().message(errno)};
    }
    return static_cast<std::uint64_t>(status.st_size);
}

void remove_parts(const Settings& settings, const std::vector<DatasetPart>& parts)
{
    for (const auto& part : parts) {
        (void)::unlink(path_in(settings, part.file).c_str());
    }
}

void forget_old(DatasetManifest& manifest, std::int64_t now_ms)
{
    auto& uploads = manifest.uploads;
    std::erase_if(uploads,
                  [&](const auto& upload) { return upload.at_ms + remembered_ms <= now_ms; });
    if (uploads.size() >= most_remembered) {
        uploads.erase(uploads.begin(), uploads.end() - (most_remembered - 1));
    }
}

std::string answer_of(const Order& order, const DatasetManifest& manifest, std::uint64_t added)
{
    sidecar::JsonWriter json;
    json.open_object().member("name", order.name).member("rows", added);
    json.member("total_rows", manifest.rows()).member("bytes", manifest.bytes());
    json.member("updated_at", sidecar::utc_text(manifest.updated_ms));
    return json.close_object().take();
}

std::string upload_digest(const Order& order, IncomingFile& file)
{
    return digest_of({order.mode == Order::Mode::replace ? "replace" : "append",
                      std::to_string(static_cast<int>(order.format)), file.digest()});
}

/// The change is made: what was replaced may go.
Result<void> commit(const Settings& settings, const DatasetManifest& manifest,
                    const std::vector<DatasetPart>& replaced)
{
    if (auto written = sidecar::write_manifest(settings.directory, manifest); !written) {
        return written;
    }
    remove_parts(settings, replaced);
    return {};
}

}  // namespace

Outcome<std::optional<std::string>> recall(const DatasetManifest& manifest, const std::string& key,
                                           const std::string& digest, std::int64_t now_ms)
{
    for (const auto& upload : manifest.uploads) {
        if (key.empty() || upload.key != key || upload.at_ms + remembered_ms <= now_ms) {
            continue;
        }
        if (upload.digest != digest) {
            return Failure{422, "This Idempotency-Key came with another upload before."};
        }
        return std::optional{upload.answer};
    }
    return std::optional<std::string>{};
}

Outcome<DatasetPart> FileStore::add_part(const Settings& settings, const Import& import,
                                         sidecar::SqlColumns& columns, std::int64_t now_ms) const
{
    std::error_code made;
    fs::create_directories(settings.directory, made);
    if (made) {
        return of_storage(Error{settings.directory + ": " + made.message()});
    }
    DatasetPart part{new_part_name(now_ms)};
    const auto path = path_in(settings, part.file);
    auto imported = to_parquet_(import, path);
    if (!imported) {
        (void)::unlink(path.c_str());
        auto failure = of_storage(Error{imported.failure().message});
        // What is wrong with the data is said as it is.
        return failure.status == 507 ? failure : imported.failure();
    }
    const auto bytes = make_durable(path);
    if (!bytes) {
        (void)::unlink(path.c_str());
        return of_storage(bytes.error());
    }
    part.rows = imported->rows;
    part.bytes = *bytes;
    columns = std::move(imported->columns);
    return part;
}

Outcome<Done> FileStore::put(const Settings& settings, const Order& order, IncomingFile& file,
                             std::int64_t now_ms) const
{
    auto manifest = sidecar::read_manifest(settings.directory);
    if (!manifest) {
        return of_storage(manifest.error());
    }
    const auto digest = upload_digest(order, file);
    const auto before = recall(*manifest, order.key, digest, now_ms);
    if (!before) {
        return before.failure();
    }
    if (*before) {
        return Done{**before, false};
    }
    const bool append = order.mode == Order::Mode::append;
    const auto& expected =
        settings.columns.empty() && append ? manifest->columns : settings.columns;
    auto part =
        add_part(settings, {{file.path()}, order.format, expected}, manifest->columns, now_ms);
    if (!part) {
        return part.failure();
    }
    auto replaced = append ? std::vector<DatasetPart>{} : std::exchange(manifest->parts, {});
    manifest->parts.push_back(*part);
    manifest->updated_ms = now_ms;
    if (manifest->parts.size() > most_parts) {
        replaced = manifest->parts;
        merge(settings, *manifest, now_ms);
        if (manifest->parts.size() != 1) {
            replaced.clear();
        }
    }
    forget_old(*manifest, now_ms);
    Done done{answer_of(order, *manifest, part->rows), true};
    if (!order.key.empty()) {
        manifest->uploads.push_back({order.key, digest, now_ms, done.answer});
    }
    if (auto committed = commit(settings, *manifest, replaced); !committed) {
        remove_parts(settings, {manifest->parts.back()});
        return of_storage(committed.error());
    }
    return done;
}

/// Many small parts are slow to read. Where it fails, they stay.
void FileStore::merge(const Settings& settings, DatasetManifest& manifest,
                      std::int64_t now_ms) const
{
    Import import{{}, UploadFormat::parquet, manifest.columns, false};
    for (const auto& part : manifest.parts) {
        import.files.push_back(path_in(settings, part.file));
    }
    auto columns = manifest.columns;
    if (const auto merged = add_part(settings, import, columns, now_ms)) {
        manifest.parts = {*merged};
    }
}

Outcome<bool> FileStore::drop(const Settings& settings, std::int64_t now_ms) const
{
    auto manifest = sidecar::read_manifest(settings.directory);
    if (!manifest) {
        return of_storage(manifest.error());
    }
    if (manifest->parts.empty()) {
        return false;
    }
    const auto replaced = std::exchange(manifest->parts, {});
    manifest->columns.clear();
    manifest->updated_ms = now_ms;
    if (auto committed = commit(settings, *manifest, replaced); !committed) {
        return of_storage(committed.error());
    }
    return true;
}

Outcome<DatasetManifest> FileStore::describe(const Settings& settings)
{
    auto manifest = sidecar::read_manifest(settings.directory);
    if (!manifest) {
        return of_storage(manifest.error());
    }
    return std::move(*manifest);
}

void FileStore::sweep(const Settings& settings)
{
    const auto manifest = sidecar::read_manifest(settings.directory);
    if (!manifest) {
        sidecar::log::error("dataset not readable", {{"error", manifest.error().message}});
        return;
    }
    std::set<std::string> named{sidecar::manifest_name};
    for (const auto& part : manifest->parts) {
        named.insert(part.file);
    }
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(settings.directory, error)) {
        const auto name = entry.path().filename().string();
        if (!named.contains(name) && entry.is_regular_file(error)) {
            (void)::unlink(entry.path().c_str());
        }
    }
}

}  // namespace gatehouse::datasets
