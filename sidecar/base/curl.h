// What every use of libcurl here has in common: one initialization, no proxies of the environment,
// no signals, and no connection to an address that base/destination.h objects to. Internal to base.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "sidecar/base/destination.h"

namespace gatehouse::sidecar {

struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

/// Null: libcurl cannot be initialized.
Easy make_easy();

struct Vetting {
    Reach reach = Reach::internet;
    const char* objection = nullptr;  ///< to the address of the last attempt
};

/// REQUIRES: `vetting` outlives the transfer.
void vet_connections(CURL* easy, Vetting& vetting);

/// What to say where there is an objection.
std::string out_of_bounds(const Vetting& vetting);

}  // namespace gatehouse::sidecar
