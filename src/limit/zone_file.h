// The file of a zone that outlives nginx: opened, looked at, and kept to one nginx.
//
// Thread safety: none; zone.cpp holds the file's lock.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/unique_fd.h"
#include "src/limit/zone.h"

namespace gatehouse::limit {

/// `limit zone "NAME": cannot WHAT "PATH": …` and what to do about it.
Error cannot(const ZoneSettings& settings, const std::string& what, int code,
             std::string_view remedy);

/// Made if it is not there. The file is nginx's own: nobody else's link or pipe is followed.
Result<UniqueFd> open_file(const ZoneSettings& settings);

/// Whether it is empty yet. Of another size or kind, it is not ours.
Result<bool> is_new(const ZoneSettings& settings, int fd);

/// Allocates it ahead: a lack of space is an error here, not a SIGBUS in a request.
Result<void> reserve(const ZoneSettings& settings, int fd);

/// Finds what Zone::open() would refuse, in the same words, but makes and changes nothing.
Result<void> check_file(const ZoneSettings& settings, const Clocks& clocks);

}  // namespace gatehouse::limit
