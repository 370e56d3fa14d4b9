// Signatures of public keys: RSA (RFC 7518 §3.3, §3.5), ECDSA (§3.4) and EdDSA (RFC 8037 §3.1).
#pragma once

#include <memory>

#include "src/auth/algorithm.h"
#include "src/auth/evp.h"
#include "src/auth/key.h"

namespace gatehouse::auth {

// Each is null when OpenSSL fails. The check takes a reference to the key of its own.

/// REQUIRES: an RSA key and one of rsa_algorithms.
std::unique_ptr<SignatureCheck> rsa_check(Algorithm algorithm, EVP_PKEY* key);

/// REQUIRES: the algorithm's curve.
std::unique_ptr<SignatureCheck> ecdsa_check(Algorithm algorithm, EVP_PKEY* key);

/// REQUIRES: an Ed25519 or Ed448 key.
std::unique_ptr<SignatureCheck> eddsa_check(EVP_PKEY* key);

}  // namespace gatehouse::auth
