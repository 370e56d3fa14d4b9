#include "sidecar/base/mail.h"

#include <cstring>
#include <memory>

#include "sidecar/base/curl.h"

namespace gatehouse::sidecar {

namespace {

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

std::size_t give(char* to, std::size_t size, std::size_t count, void* data) noexcept
{
    auto& left = *static_cast<std::string_view*>(data);
    const auto given = std::min(size * count, left.size());
    std::memcpy(to, left.data(), given);
    left.remove_prefix(given);
    return given;
}

List recipients_of(const Mail& mail)
{
    List list;
    for (const auto& address : mail.to) {
        if (auto* longer = curl_slist_append(list.get(), ('<' + address + '>').c_str())) {
            (void)list.release();
            list.reset(longer);
        }
    }
    return list;
}

void prepare(CURL* easy, const MailServer& server, Vetting& vetting)
{
    curl_easy_setopt(easy, CURLOPT_URL, server.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    vet_connections(easy, vetting);
    const auto tls = server.starttls_required ? CURLUSESSL_ALL : CURLUSESSL_TRY;
    curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(tls));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout.count()));
    if (!server.username.empty()) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, server.username.c_str());
        curl_easy_setopt(easy, CURLOPT_PASSWORD, server.password.c_str());
    }
    if (!server.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, server.ca_file.c_str());
    }
}

MailSent what_went_wrong(CURL* easy, CURLcode code, const Vetting& vetting)
{
    if (vetting.objection != nullptr) {
        return {out_of_bounds(vetting), false};
    }
    if (code == CURLE_USE_SSL_FAILED) {
        return {"the server offers no TLS by STARTTLS: use smtps://", false};
    }
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    const bool refused = status >= 400;
    return {refused ? "the server answered " + std::to_string(status) : curl_easy_strerror(code),
            !refused || status < 500};
}

}  // namespace

MailSent send_mail(const MailServer& server, const Mail& mail)
{
    const Easy easy = make_easy();
    if (!easy) {
        return {"libcurl cannot be initialized", true};
    }
    Vetting vetting{server.reach};
    prepare(easy.get(), server, vetting);
    const auto message = mail_message(mail);
    const auto sender = '<' + mail.from + '>';
    const auto recipients = recipients_of(mail);
    std::string_view left = message;
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, sender.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
    // One address that has gone must not keep it from the others.
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, give);
    curl_easy_setopt(easy.get(), CURLOPT_READDATA, &left);
    const auto code = curl_easy_perform(easy.get());
    return code == CURLE_OK ? MailSent{} : what_went_wrong(easy.get(), code, vetting);
}

}  // namespace gatehouse::sidecar
