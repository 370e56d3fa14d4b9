package Gatehouse::Credentials;

# API tokens and JSON Web Tokens as other programs make them: nothing here is Gatehouse's own code.
#
#     api_token('A0000001')                 its text; another secret with a second argument
#     token_list({token => …, user => …})   lines for the publisher's `tokens` and `changes`
#     hs256({sub => 'ada', exp => …}, $secret)
#     my $key = key_pair($t, 'ES256', 'k1'); $key->{jwk}; signed($key, $claims, %header)

use v5.36;
use Compress::Zlib ();
use Digest::SHA qw(hmac_sha256 hmac_sha384 hmac_sha512 sha512);
use Exporter 'import';
use JSON::PP ();
use MIME::Base64 qw(encode_base64url decode_base64url);

our @EXPORT_OK = qw(api_token token_list in_base62 json hs hs256 compact key_pair signed jwks encode_base64url decode_base64url);

my @digits = ('0' .. '9', 'A' .. 'Z', 'a' .. 'z');

sub in_base62 ($number, $size) {
    my $text = '';
    for (1 .. $size) {
        $text = $digits[$number % 62] . $text;
        $number = int($number / 62);
    }
    return $text;
}

# gth_<id>_<secret><checksum>, the checksum being zip's CRC-32 of what stands before it.
sub api_token ($id, $secret = 1) {
    my $text = "gth_${id}_" . join '', map { $digits[$_ % 62] } unpack 'C32', sha512("$id $secret");
    return $text . in_base62(Compress::Zlib::crc32($text), 6);
}

sub token_list (@tokens) {
    return join '', map { my $token = $_; join("\t", map { "$_=$token->{$_}" } sort keys %$token) . "\n" } @tokens;
}

sub json ($data) { return ref $data ? JSON::PP->new->canonical->encode($data) : $data }

sub compact ($header, $claims, $sign) {
    my $input = join '.', map { encode_base64url(json($_)) } $header, $claims;
    return "$input." . encode_base64url($sign->($input));
}

my %hmac = (HS256 => \&hmac_sha256, HS384 => \&hmac_sha384, HS512 => \&hmac_sha512);

sub hs ($alg, $claims, $secret, %header) {
    return compact({alg => $alg, typ => 'JWT', %header}, $claims, sub ($input) { $hmac{$alg}->($input, $secret) });
}
sub hs256 ($claims, $secret, %header) { return hs('HS256', $claims, $secret, %header) }

# --- keys of openssl(1) ---

my %kind = (
    RS => ['RSA', 'rsa_keygen_bits:2048'], PS => ['RSA', 'rsa_keygen_bits:2048'],
    ES256 => ['EC', 'ec_paramgen_curve:P-256'], ES384 => ['EC', 'ec_paramgen_curve:P-384'],
    ES512 => ['EC', 'ec_paramgen_curve:P-521'], EdDSA => ['ED25519'], Ed448 => ['ED448'],
);
my %half = (ES256 => 32, ES384 => 48, ES512 => 66);

sub openssl ($t, @words) {
    my ($exit, $out, $err) = $t->run_program(['openssl', @words]);
    die "openssl @words: $err" if $exit != 0;
    return $out;
}

# {alg, kid, file, jwk}: a private key in a file of the test, and the public one as a JWK (RFC 7518, 8037).
sub key_pair ($t, $alg, $kid, $bits = undef) {
    my ($type, $option) = @{$kind{$alg} // $kind{substr $alg, 0, 2}};
    $option = "rsa_keygen_bits:$bits" if $bits;
    my $file = $t->dir("$kid.pem");
    openssl($t, 'genpkey', '-quiet', '-algorithm', $type, $option ? ('-pkeyopt', $option) : (), '-out', $file);
    my $name = $alg eq 'Ed448' ? 'EdDSA' : $alg;
    my %jwk = (kid => $kid, alg => $name, use => 'sig');
    my $der = openssl($t, 'pkey', '-in', $file, '-pubout', '-outform', 'DER');
    if ($type eq 'RSA') {
        my ($n) = openssl($t, 'rsa', '-in', $file, '-noout', '-modulus') =~ /Modulus=(\w+)/;
        @jwk{qw(kty n e)} = ('RSA', encode_base64url(pack 'H*', $n), 'AQAB');
    } elsif ($type eq 'EC') {
        my $half = $half{$alg};
        my ($x, $y) = unpack "a$half a$half", substr $der, -2 * $half;
        @jwk{qw(kty crv x y)} = ('EC', {256 => 'P-256', 384 => 'P-384', 512 => 'P-521'}->{substr $alg, 2},
            encode_base64url($x), encode_base64url($y));
    } else {
        my $size = $alg eq 'Ed448' ? 57 : 32;
        @jwk{qw(kty crv x)} = ('OKP', $alg eq 'Ed448' ? 'Ed448' : 'Ed25519', encode_base64url(substr $der, -$size));
    }
    return {alg => $name, kid => $kid, file => $file, jwk => \%jwk, half => $half{$alg}, t => $t};
}

sub jwks (@keys) { return json({keys => [map { $_->{jwk} // $_ } @keys]}) }

# r and s of an ECDSA signature in DER, as JWS has them (RFC 7518 section 3.4).
sub raw_ecdsa ($der, $half) {
    my ($r, $s) = $der =~ /^\x30(?:\x81.|.)\x02(.)/s ? do {
        my $at = (ord(substr $der, 1, 1) == 0x81 ? 3 : 2) + 1;
        my $rl = ord substr $der, $at, 1;
        my $sl = ord substr $der, $at + 2 + $rl, 1;
        (substr($der, $at + 1, $rl), substr($der, $at + 3 + $rl, $sl));
    } : die 'no ECDSA signature';
    s/^\0+// for $r, $s;
    return join '', map { ("\0" x ($half - length)) . $_ } $r, $s;
}

sub signature ($key, $input) {
    my $t = $key->{t};
    my $in = $t->write_file('to-sign', $input);
    return openssl($t, 'pkeyutl', '-sign', '-rawin', '-inkey', $key->{file}, '-in', $in) if $key->{alg} eq 'EdDSA';
    my $hash = 'sha' . substr $key->{alg}, 2;
    my @pss = $key->{alg} =~ /^PS/ ? ('-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest') : ();
    my $signature = openssl($t, 'dgst', "-$hash", '-sign', $key->{file}, @pss, $in);
    return $key->{half} ? raw_ecdsa($signature, $key->{half}) : $signature;
}

sub signed ($key, $claims, %header) {
    my %whole = (alg => $key->{alg}, kid => $key->{kid}, %header);
    delete @whole{grep { !defined $whole{$_} } keys %whole};
    return compact(\%whole, $claims, sub ($input) { signature($key, $input) });
}

1;
