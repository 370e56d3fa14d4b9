#include "ngx_module/glue/ngx.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "ngx_module/auth/directives.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/text.h"
#include "src/base/plain_file.h"

namespace gatehouse::auth_feature {

namespace {

/// The set that `gate_jwt_key board` means.
constexpr std::string_view default_board_set = "default";

char* invalid(ngx_conf_t& cf, const std::string& why)
{
    return glue::refuse(cf, "\"" + std::string{glue::view(glue::words(cf)[0])} + "\": " + why);
}

struct KeyFile {
    std::string path;
    std::string bytes;
    mode_t mode = 0;
};

/// A file of keys, whole. A link is followed: that is how container platforms mount secrets.
Result<KeyFile> read_key_file(ngx_conf_t& cf, std::string_view path)
{
    ngx_str_t name = glue::lend(path);
    if (ngx_conf_full_name(cf.cycle, &name, 1) != NGX_OK) {
        return Error{"out of memory"};
    }
    KeyFile file{std::string{glue::view(name)}, {}, 0};
    const auto flaw = [&](const std::string& what) {
        return Error{"\"" + file.path + "\": " + what};
    };
    const UniqueFd fd{::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        return flaw(std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return flaw("not a regular file");
    }
    if (status.st_size > static_cast<off_t>(auth::max_keyset_bytes)) {
        return flaw("has more than " + std::to_string(auth::max_keyset_bytes) + " bytes");
    }
    file.mode = status.st_mode;
    file.bytes.resize(static_cast<std::size_t>(status.st_size));
    if (auto read = read_plain_file(fd.get(), 0, std::as_writable_bytes(std::span{file.bytes}));
        !read) {
        return flaw(read.error().message);
    }
    return file;
}

void warn_of_readers(ngx_conf_t& cf, const KeyFile& file)
{
    if ((file.mode & S_IROTH) != 0) {
        ngx_conf_log_error(NGX_LOG_WARN, &cf, 0,
                           "everybody on this machine may read the secret in \"%s\": chmod o-r it",
                           file.path.c_str());
    }
}

Result<JwtKeySource> read_set(ngx_conf_t& cf, std::string_view path)
{
    const auto file = read_key_file(cf, path);
    if (!file) {
        return file.error();
    }
    auto parsed = auth::parse_keyset(file->bytes, auth::KeysetOrigin::file);
    if (!parsed) {
        return Error{"\"" + file->path + "\": " + parsed.error().message};
    }
    for (const auto& warning : parsed->warnings) {
        ngx_conf_log_error(NGX_LOG_WARN, &cf, 0, "\"%s\": %s", file->path.c_str(), warning.c_str());
    }
    const auto keys = parsed->keyset.keys();
    if (std::any_of(keys.begin(), keys.end(),
                    [](const auto& key) { return auth::hmac_algorithms.contains(key.usual()); })) {
        warn_of_readers(cf, *file);
    }
    return JwtKeySource{std::make_shared<const auth::Keyset>(std::move(parsed->keyset)), {}};
}

Result<JwtKeySource> read_secret(ngx_conf_t& cf, std::string_view path, std::string_view algorithm)
{
    const auto named = auth::algorithm_named(algorithm);
    if (!named) {
        return Error{"\"" + std::string{algorithm} +
                     "\" is no algorithm for a secret, use alg=HS256, "
                     "HS384 or HS512"};
    }
    const auto file = read_key_file(cf, path);
    if (!file) {
        return file.error();
    }
    warn_of_readers(cf, *file);
    auto keys = auth::keyset_of_secret(auth::secret_in_file(file->bytes), *named, {});
    if (!keys) {
        return Error{"\"" + file->path + "\": " + keys.error().message};
    }
    return JwtKeySource{std::make_shared<const auth::Keyset>(std::move(*keys)), {}};
}

Result<JwtKeySource> read_source(ngx_conf_t& cf)
{
    constexpr std::string_view file = "file=", secret = "secret=", alg = "alg=", board = "board=";
    const auto words = glue::words(cf).subspan(1);
    const auto first = glue::view(words[0]);
    const auto second = words.size() > 1 ? glue::view(words[1]) : std::string_view{};
    if (words.size() == 1 && first == "board") {
        return JwtKeySource{nullptr, std::string{default_board_set}};
    }
    if (words.size() == 1 && first.starts_with(board) && first.size() > board.size()) {
        return JwtKeySource{nullptr, std::string{first.substr(board.size())}};
    }
    if (words.size() == 1 && first.starts_with(file)) {
        return read_set(cf, first.substr(file.size()));
    }
    if (words.size() == 2 && first.starts_with(secret) && second.starts_with(alg)) {
        return read_secret(cf, first.substr(secret.size()), second.substr(alg.size()));
    }
    return Error{"it must be file=JWKS, secret=FILE alg=HS256, board, or board=NAME"};
}

/// The values of a directive that stands once and has several.
char* set_texts(ngx_conf_t& cf, std::optional<std::vector<std::string>>& texts)
{
    if (texts) {
        return glue::duplicate();
    }
    texts.emplace();
    for (const auto& word : glue::words(cf).subspan(1)) {
        if (word.len == 0) {
            return glue::refuse_value(cf, word, "a text that is not empty");
        }
        texts->emplace_back(glue::view(word));
    }
    return glue::accepted;
}

}  // namespace

char* add_jwt_key(ngx_conf_t& cf, AuthConf& conf)
{
    auto source = read_source(cf);
    if (!source) {
        return invalid(cf, source.error().message);
    }
    auto& keys = conf.jwt_settings.keys;
    if (!keys) {
        keys.emplace();
    }
    if (keys->size() == most_jwt_keys) {
        return invalid(cf, "there are " + std::to_string(most_jwt_keys) + " here already");
    }
    keys->push_back(std::move(*source));
    return glue::accepted;
}

char* set_jwt_algorithms(ngx_conf_t& cf, AuthConf& conf)
{
    auto& algorithms = conf.jwt_settings.algorithms;
    if (algorithms) {
        return glue::duplicate();
    }
    algorithms.emplace();
    for (const auto& word : glue::words(cf).subspan(1)) {
        const auto algorithm = auth::algorithm_named(glue::view(word));
        if (!algorithm) {
            return glue::refuse_value(cf, word,
                                      "HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, "
                                      "PS512, ES256, ES384, ES512 or EdDSA");
        }
        algorithms->insert(*algorithm);
    }
    return glue::accepted;
}

char* set_jwt_issuer(ngx_conf_t& cf, AuthConf& conf)
{
    return set_texts(cf, conf.jwt_settings.issuers);
}

char* set_jwt_audience(ngx_conf_t& cf, AuthConf& conf)
{
    return set_texts(cf, conf.jwt_settings.audiences);
}

char* set_jwt_leeway(ngx_conf_t& cf, AuthConf& conf)
{
    constexpr ngx_msec_t longest_ms = 300'000;
    auto& leeway = conf.jwt_settings.leeway_ms;
    if (leeway) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    leeway = glue::parse_time(word);
    if (!leeway || *leeway > longest_ms) {
        return glue::refuse_value(cf, word, "a time of up to 5m");
    }
    return glue::accepted;
}

}  // namespace gatehouse::auth_feature
