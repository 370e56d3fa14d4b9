#!/usr/bin/perl
# $gate_identity: who a request is from, signed, as an application behind the proxy gets and verifies it.

use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my $secret = 'a secret of more than thirty-two bytes';
chmod 0600, $t->write_file('secret', $secret);
my $app = Gatehouse::Upstream->start($t->port(1));
$t->sidecar_config({});
$t->start_sidecar;
$t->nginx_conf(<<'END');
    gate_link %%LINK%%;
    gate_board_file %%BOARD%%;
    server {
        listen 127.0.0.1:%%PORT%%;
        proxy_set_header Gate-Identity $gate_identity;
        location = /keys { gate_identity_keys; }
        location /echo/open { proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /echo {
            gate_auth jwt;
            gate_jwt_key secret=%%DIR%%/secret alg=HS256;
            proxy_pass http://127.0.0.1:%%PORT1%%;
        }
    }
END
$t->start_nginx;

sub identity ($response) { return $response->{body} =~ /^Gate-Identity: (\S+)\r?$/mi ? $1 : undef }

# By openssl(1): whether the signature is that of the published key (RFC 8032, RFC 8037).
sub is_signed_by ($token, $jwk) {
    my ($head, $body, $signature) = split /\./, $token;
    my $der = pack('H*', '302a300506032b6570032100') . decode_base64url($jwk->{x});
    my $key = $t->write_file('key.der', $der);
    my $input = $t->write_file('input', "$head.$body");
    my $sig = $t->write_file('sig', decode_base64url($signature));
    my ($exit) = $t->run_program(['openssl', 'pkeyutl', '-verify', '-pubin', '-inkey', $key, '-keyform', 'DER',
        '-rawin', '-in', $input, '-sigfile', $sig]);
    return $exit == 0;
}

# --- the public key ---
my $answer = $t->get('/keys');
is $answer->{status}, 200, 'the keys stand at a path';
is $answer->{header}{'content-type'}, 'application/jwk-set+json', 'as a JWK set';
my $set = decode_json($answer->{body});
is scalar @{$set->{keys}}, 1, 'of one key';
my $jwk = $set->{keys}[0];
is "$jwk->{kty} $jwk->{crv} $jwk->{alg} $jwk->{use}", 'OKP Ed25519 EdDSA sig', 'for signatures';
ok !exists $jwk->{d}, 'and the private half is not there';
is $t->http->request({method => 'POST', path => '/keys'})->{status}, 405, 'POST: 405';

# --- what the application gets ---
my $jwt = hs256({sub => 'ada', scope => 'read write', roles => ['admin'], plan => 'gold', jti => 't-1', exp => time + 600}, $secret);
my $token = identity($t->http->request({method => 'PUT', path => '/echo/a%20b?secret=1', body => 'x',
    headers => {Authorization => "Bearer $jwt"}}));
ok $token, 'a request that was let in says who it is from';
ok is_signed_by($token, $jwk), 'signed by that key';
my ($head, $claims) = map { decode_json(decode_base64url($_)) } (split /\./, $token)[0, 1];
is_deeply $head, {alg => 'EdDSA', typ => 'JWT', kid => $jwk->{kid}}, 'the header names it';
is $claims->{$_->[0]}, $_->[1], "claim $_->[0]"
    for [iss => 'gatehouse'], [sub => 'ada'], [method => 'jwt'], [token_id => 't-1'], [plan => 'gold'], [htm => 'PUT'], [htu => '/echo/a%20b'];
is join(' ', sort split / /, $claims->{scope}), 'admin read write', 'claim scope';
is_deeply $claims->{roles}, ['admin'], 'claim roles';
is $claims->{exp} - $claims->{iat}, 30, 'for half a minute';
cmp_ok abs($claims->{iat} - time), '<=', 2, 'from now on';
like $claims->{request_id}, qr/^[0-9a-f]{32}$/, 'claim request_id';
ok !is_signed_by($token =~ s/\.(.)/.${\($1 eq 'e' ? 'f' : 'e')}/r, $jwk), 'another payload is not signed';

# --- nobody ---
is identity($t->get('/echo/open', 'Gate-Identity' => 'forged')), undef, 'nobody asked, nothing said; what a client says does not arrive';

# --- the key stays ---
$t->stop_sidecar;
$t->stop_nginx;
$t->start_nginx;
is decode_json($t->get('/keys')->{body})->{keys}[0]{x}, $jwk->{x}, 'nginx without the sidecar has the key';
$token = identity($t->get('/echo', Authorization => "Bearer $jwt"));
ok is_signed_by($token, $jwk), 'and signs by it';
$t->start_sidecar;
$t->stop_nginx;
$t->start_nginx;
is decode_json($t->get('/keys')->{body})->{keys}[0]{x}, $jwk->{x}, 'a sidecar that starts anew has it, too';
$t->done;
