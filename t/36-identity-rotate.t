#!/usr/bin/perl
# The key of $gate_identity is changed: shown before it signs, the old one after; at once; over restarts. Verified by openssl(1).

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Credentials qw(decode_base64url);
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64);
use Test::More;

my $t = Gatehouse->new(ports => 2, workers => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
$t->write_file('d.csv', "a\n1\n");
$t->sidecar_config({state => {path => '%%DIR%%/state.db'}, sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}}, cards => {one => {path => '/one', sql => 'select * from d'}}});
$t->start_sidecar;
$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location = /keys { gate_identity_keys; }
    location / { gate_auth token; proxy_pass http://127.0.0.1:%%PORT1%%; proxy_set_header Gate-Identity $gate_identity; }
}
server { listen 127.0.0.1:%%PORT1%%; location / { add_header X-Identity $http_gate_identity; return 200 "app\n"; } }
END
$t->start_nginx;
$t->wait_in_step;
my $token = ($t->ctl(qw(token create ci --user ada)))[1] =~ s/\n//r;
wait_for(sub { $t->get('/', Authorization => "Bearer $token")->{status} == 200 }, 20, 'the token') for 1 .. 8;

sub shown () { return @{decode_json($t->get('/keys')->{body})->{keys}} }
sub kids () { return map { $_->{kid} } shown() }
sub states (@arguments) { return join ' ', map { $_->{state} } @{$t->ctl_json('identity', @arguments)->{keys}} }
# [kid, whether openssl finds the signature good under that key of the set]
sub identity () {
    my $jwt = $t->get('/', Authorization => "Bearer $token")->{header}{'x-identity'};
    my ($header, $claims, $signature) = split /\./, $jwt;
    my $kid = decode_json(decode_base64url($header))->{kid};
    my ($key) = grep { $_->{kid} eq $kid } shown();
    return [$kid, 'no such key'] if !$key;
    # RFC 8410: an Ed25519 key as SubjectPublicKeyInfo is these twelve bytes and its own.
    $t->write_file('key.pem', "-----BEGIN PUBLIC KEY-----\n" . encode_base64(pack('H*', '302a300506032b6570032100') . decode_base64url($key->{x})) . "-----END PUBLIC KEY-----\n");
    $t->write_file('signed', "$header.$claims");
    $t->write_file('signature', decode_base64url($signature));
    my ($exit) = $t->run_program(['openssl', 'pkeyutl', '-verify', '-pubin', '-inkey', $t->dir('key.pem'), '-rawin', '-in', $t->dir('signed'), '-sigfile', $t->dir('signature')]);
    return [$kid, $exit == 0 ? 'good' : 'bad'];
}

my ($first) = kids();
is scalar(kids()), 1, 'one key';
is_deeply identity(), [$first, 'good'], 'that signs';
is states('show'), 'signs';

my ($exit, $out) = $t->ctl(qw(identity rotate --overlap 1h));
is $exit, 0;
like $out, qr/^\Q$first\E  signs\n(\S+)  shown\nthe new key signs from \S+Z on; the old one is shown until \S+Z$/m, 'what it says';
my ($second) = $out =~ /^(\S+)  shown$/m;
wait_for(sub { kids() == 2 }, 10, 'the new key beside the old one') for 1 .. 8;
is_deeply [kids()], [$first, $second], 'both are shown';
is_deeply identity(), [$first, 'good'], 'the old one signs, for an hour';
($exit, $out, my $err) = $t->ctl(qw(identity rotate));
is $exit, 1, 'one change at a time';
like $err, qr/a new key is on its way already, and the old one ends at /, 'and why';
$t->stop_sidecar;
$t->start_sidecar;
is states('show'), 'signs shown', 'a restart of the sidecar goes on with it';
$t->reload_nginx;
is_deeply [kids()], [$first, $second], 'and so does nginx';

is states(qw(identity rotate --at-once)[1, 2]), 'signs', 'at once: one key is left';
wait_for(sub { my @kids = kids(); @kids == 1 && $kids[0] ne $first && $kids[0] ne $second }, 10, 'that is another one') for 1 .. 8;
my ($third) = kids();
is_deeply identity(), [$third, 'good'], 'and signs';

is states(qw(rotate --overlap 1s)), 'signs shown';
wait_for(sub { identity()->[0] ne $third }, 20, 'the switch');
my ($fourth, $verdict) = @{identity()};
is $verdict, 'good', 'after the overlap the new key signs';
is_deeply [kids()], [$third, $fourth], 'while the old one is still shown, for longer than what it signed lives';
for my $case (['0s', qr/"overlap" must be a duration from 1s to 30d/], ['soon', qr/"overlap" must be/], ['31d', qr/"overlap" must be/]) {
    my ($status, undef, $why) = $t->ctl('identity', 'rotate', '--overlap', $case->[0]);
    is $status, 2, "--overlap $case->[0]";
    like $why, $case->[1];
}
is +($t->ctl(qw(identity rotate --overlap 1m --at-once)))[0], 2, 'one or the other';
unlike $t->log_text('sidecar.log') . $t->log_text('error.log'), qr/GTHIDK/, 'no key in a log';
$t->done;
