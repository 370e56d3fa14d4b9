#!/usr/bin/perl
# gatehousectl jwt: whether a token is good by keys of files, secrets and fetched sets, and why not.
use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(encode_base64url hs hs256 json jwks key_pair signed);

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the sidecar, nginx and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

my $first = key_pair($t, 'ES256', 'first');
my $second = key_pair($t, 'EdDSA', 'second');
my $secret = 'an example that is long enough: 32+';
my $files = $t->write_file('jwks.json', jwks($first));
my $secret_file = $t->write_file('secret', "$secret\n");
mkdir $t->dir('www');
$t->write_file('www/jwks.json', jwks($second));
$t->nginx_conf('server { listen 127.0.0.1:%%PORT1%%; root %%DIR%%/www; }');
$t->start_nginx;
$t->sidecar_config({identity => {jwks => {
    default => {url => 'http://127.0.0.1:' . $t->port(1) . '/jwks.json', allow_private => JSON::PP::true},
    missing => {url => 'http://127.0.0.1:' . $t->port(1) . '/missing', allow_private => JSON::PP::true}}}});
$t->start_sidecar;

sub claims (%more) { return {sub => 'ada', iss => 'https://issuer.example', aud => ['board', 'other'], exp => time + 600, %more} }
sub verify ($token, @options) { return $t->ctl('jwt', 'verify', '--token-file', $t->write_file('token', "$token\n"), @options) }
sub reason ($token, @options) {
    my ($exit, $out) = verify($token, '-o', 'json', @options);
    return "$exit " . decode_json($out)->{reason};
}

# --- good ones ---
my $by_file = signed($first, claims());
my ($exit, $out, $err) = verify($by_file, '--jwks', $files);
is $exit, 0, 'a key of a file: exit 0' or diag $err;
like $out, qr/^accepted, by ES256, until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\nheader \{.*"kid": "first".*\nclaims \{.*"sub": "ada"/s, 'what it says';
my $told = decode_json((verify($by_file, '--jwks', $files, '-o', 'json'))[1]);
is_deeply [@$told{qw(reason algorithm)}, ref $told->{accepted}, !!$told->{accepted}, $told->{claims}{sub}], ['ok', 'ES256', 'JSON::PP::Boolean', 1, 'ada'], '-o json';
is reason(hs256(claims(), $secret), '--secret', $secret_file), '0 ok', 'a secret: HS256 unless another is named';
is reason(hs('HS512', claims(), $secret x 2), '--secret', $t->write_file('long', $secret x 2), '--alg', 'HS512'), '0 ok', '--alg';
is reason(signed($second, claims())), '0 ok', 'the set that the sidecar fetches';
is reason(signed($second, claims()), '--keyset', 'default'), '0 ok', '--keyset';
is reason($by_file, '--jwks', $files, '--secret', $secret_file), '0 ok', 'keys of several places';
is reason($by_file, '--jwks', $files, '--issuer', 'https://issuer.example', '--audience', 'board', '--algorithm', 'ES256,RS256'), '0 ok', 'issuer, audience, algorithms';
is reason(signed($first, claims(exp => time - 20)), '--jwks', $files), '0 ok', 'within the leeway of 30 s';

# --- bad ones, by the words of $gate_auth_reason ---
my %bad = (
    'unknown_kid' => [signed($second, claims()), '--jwks', $files],
    'signature' => [substr($by_file, 0, -4) . 'AAAA', '--jwks', $files],
    'expired' => [signed($first, claims(exp => time - 60)), '--jwks', $files],
    'no_expiry' => [signed($first, {sub => 'ada'}), '--jwks', $files],
    'issuer' => [$by_file, '--jwks', $files, '--issuer', 'https://other.example'],
    'audience' => [$by_file, '--jwks', $files, '--audience', 'boar'],
    'not_yet_valid' => [signed($first, claims(nbf => time + 60)), '--jwks', $files],
    'issued_ahead' => [signed($first, claims(iat => time + 60)), '--jwks', $files],
    'algorithm' => [$by_file, '--jwks', $files, '--algorithm', 'ES384'],
    'malformed' => ['neither.nor', '--jwks', $files],
    'no_kid' => [hs256(claims(), $secret), '--jwks', $t->write_file('two.json', jwks($first, $second))],
    'header_parameter' => [hs256(claims(), $secret, jku => 'https://evil.example'), '--secret', $secret_file],
);
is reason(@{$bad{$_}}), "5 $_", $_ for sort keys %bad;
is reason(signed($first, claims(exp => time - 20)), '--jwks', $files, '--leeway', 5), '5 expired', '--leeway';
is reason(encode_base64url('{"alg":"none"}') . '.' . encode_base64url(json(claims())) . '.', '--jwks', $files), '5 malformed', 'alg none';
($exit, $out) = verify(@{$bad{expired}});
like $out, qr/^refused: expired\nWhat it says of itself, which proves nothing:\nheader \{/, 'as text';

# --- where it stands, and what is wrong with the question ---
($exit, $out, $err) = $t->ctl('jwt', 'verify', $by_file, '--jwks', $files);
is $exit, 0, 'as an argument';
like $err, qr/others on this machine can see/, 'with a warning';
unlike $out, qr/\Q$by_file\E/, 'the token itself is not shown';
is_deeply [($t->ctl('jwt', 'verify', '--token-file', $t->dir('nowhere')))[0, 2]], [2, 'gatehousectl: jwt verify: cannot read a token from ' . $t->dir('nowhere') . "\n"], 'no token';
like +(verify($by_file, '--jwks', $t->dir('nowhere')))[2], qr/cannot read .*nowhere/, 'no file of keys';
like +(verify($by_file, '--secret', $t->write_file('short', 'short')))[2], qr/short: .*32/, 'a secret that is too short';
is +(verify($by_file, '--alg', 'HS256'))[0], 2, '--alg without a secret';
is +(verify($by_file, '--algorithm', 'none'))[0], 2, 'an algorithm that is none';
is +(verify($by_file, '--keyset', 'nobody'))[0], 1, 'a set that is not configured';
like +(verify($by_file, '--keyset', 'missing'))[2], qr/is not fetched yet/, 'a set that cannot be fetched';

($exit, $out) = $t->ctl('jwt', 'keysets');
like $out, qr/^NAME +KEYS +FETCHED +ERROR\ndefault +1 +\d{4}-\S+ +-\nmissing +0 +never +the answer has the status 404\n/, 'keysets';
is_deeply [map { "$_->{name} $_->{keys}" } @{decode_json(($t->ctl('-o', 'json', 'jwt', 'keysets'))[1])->{keysets}}], ['default 1', 'missing 0'], 'keysets -o json';
$t->done;
