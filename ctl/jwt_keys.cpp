#include "ctl/jwt_keys.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "ctl/url.h"

namespace gatehouse::ctl {

namespace {

Result<std::string> bytes_of(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        return Error{"cannot read " + path};
    }
    return std::string{std::istreambuf_iterator<char>{file}, {}};
}

/// With a warning of each key that is left out.
Result<auth::Keyset> parsed(const std::string& json, auth::KeysetOrigin origin,
                            const std::string& from)
{
    auto set = auth::parse_keyset(json, origin);
    if (!set) {
        return Error{from + ": " + set.error().message};
    }
    for (const auto& warning : set->warnings) {
        complain("warning: " + from + ": " + warning);
    }
    return std::move(set->keyset);
}

Result<auth::Keyset> from_file(const std::string& path)
{
    const auto bytes = bytes_of(path);
    return bytes ? parsed(*bytes, auth::KeysetOrigin::file, path) : bytes.error();
}

Result<auth::Keyset> from_secret(const std::string& path, const std::string& algorithm)
{
    const auto bytes = bytes_of(path);
    if (!bytes) {
        return bytes.error();
    }
    auto set =
        auth::keyset_of_secret(auth::secret_in_file(*bytes), *auth::algorithm_named(algorithm), {});
    return set ? std::move(set) : Error{path + ": " + set.error().message};
}

class Reader {
public:
    Reader(const Context& context, int& status) : context_(context), status_(status) {}

    bool add(Result<auth::Keyset> set)
    {
        if (!set) {
            complain("jwt verify: " + set.error().message);
            status_ = exit_usage;
            return false;
        }
        keysets_.push_back(std::move(*set));
        return true;
    }

    bool add_fetched(const std::string& name)
    {
        const auto answer = context_.get("/v1/keysets/" + percent_encoded(name), status_);
        if (!answer) {
            return false;
        }
        const auto set = Json::parse(*answer)["set"];
        if (!set) {
            complain("jwt verify: the key set \"" + name +
                     "\" is not fetched yet; \"gatehousectl jwt keysets\" says why");
            status_ = exit_failed;
            return false;
        }
        return add(parsed(set.dump(), auth::KeysetOrigin::fetched, "key set \"" + name + "\""));
    }

    std::vector<auth::Keyset> keysets() && { return std::move(keysets_); }

private:
    const Context& context_;
    int& status_;
    std::vector<auth::Keyset> keysets_;
};

}  // namespace

std::optional<std::vector<auth::Keyset>> read_jwt_keys(const Context& context,
                                                       const JwtKeyPlaces& places, int& status)
{
    Reader reader{context, status};
    for (const auto& path : places.files) {
        if (!reader.add(from_file(path))) {
            return std::nullopt;
        }
    }
    if (!places.secret.empty() &&
        !reader.add(from_secret(places.secret, places.secret_algorithm))) {
        return std::nullopt;
    }
    auto fetched = places.fetched;
    if (fetched.empty() && places.files.empty() && places.secret.empty()) {
        fetched.emplace_back("default");
    }
    for (const auto& name : fetched) {
        if (!reader.add_fetched(name)) {
            return std::nullopt;
        }
    }
    return std::move(reader).keysets();
}

}  // namespace gatehouse::ctl
