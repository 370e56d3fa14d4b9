#!/usr/bin/perl
# Key sets that the sidecar fetches: from the URL to the token that is let in, when they change and when they fail.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256 json jwks key_pair signed);
use Gatehouse::Metrics qw(samples promtool);

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module, the sidecar and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

# --- the issuer: a file behind another nginx, whose log says how often it was asked ---
my $issuer = Gatehouse->new(ports => 1);
mkdir $issuer->dir('www');
$issuer->nginx_conf(<<'END');
    log_format asked '$request $status $http_if_none_match';
    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;
        access_log %%DIR%%/asked.log asked;
        location = /moved { return 302 /jwks.json; }
    }
END
$issuer->start_nginx;
sub publish ($json) {
    $issuer->write_file('next', $json);
    rename $issuer->dir('next'), $issuer->dir('www/jwks.json') or die "rename: $!";
    return;
}
sub asked () { return scalar grep { 1 } split /\n/, Gatehouse::read_file($issuer->dir('asked.log')) // '' }

my $first = key_pair($t, 'ES256', 'first');
my $second = key_pair($t, 'EdDSA', 'second');
my $unknown = key_pair($t, 'ES256', 'unknown');
publish(jwks($first));

sub configure (%set) {
    $t->sidecar_config({identity => {jwks => {
        default => {url => 'http://127.0.0.1:' . $issuer->port . '/jwks.json', allow_private => JSON::PP::true, %set}}}});
    return;
}
sub claims () { return {sub => 'ada', exp => time + 600} }
sub status ($key) { return $t->get('/', Authorization => 'Bearer ' . signed($key, claims()))->{status} }

configure();
$t->start_sidecar;
$t->nginx_conf(<<'END');
    gate_link %%LINK%%;
    gate_board_file %%BOARD%%;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { gate_auth jwt; gate_jwt_key board; empty_gif; }
        location = /metrics { gate_metrics; }
    }
END
$t->start_nginx;
is status($first), 200, 'a token of a fetched key is let in, from the first request on';
is asked(), 1, 'it took one fetch';

# --- keys that nobody has ---
is status($unknown), 401, 'a token of another key is not';
for (1 .. 200) {
    $t->get('/', Authorization => 'Bearer ' . hs256({exp => time + 60}, 'x' x 32, kid => "made-up-$_"));
}
is asked(), 1, 'two hundred made-up keys: no further fetch within half a minute of the first';

# --- another set ---
publish(jwks($second));
configure(timeout => '4s');
$t->reload_sidecar;
wait_for(sub { status($second) == 200 }, 10, 'the key that is new');
is status($first), 401, 'a key that is gone lets nobody in, nor what was remembered by it';

# --- what is no set replaces none ---
my %none = (
    'an empty object' => '{}', 'a page' => '<html>', 'a secret' => json({keys => [{kty => 'oct', k => 'A' x 43, kid => 's'}]}),
    'a kid twice' => jwks($first, $first), 'ten thousand keys' => jwks(map { +{%{$second->{jwk}}, kid => "k$_"} } 1 .. 10_000),
    'nothing' => '', 'five megabytes' => ' ' x 5_000_000 . jwks($first),
);
sub refused () { return samples($t->get('/metrics')->{body})->{'gatehouse_keyset_refused_total{keyset="default"}'} }
wait_for(sub { defined refused() }, 10, 'a metric of what was refused');
is refused(), 0, 'nothing so far';
my $try = 0;
for my $name (sort keys %none) {
    publish($none{$name});
    my $before = asked();
    configure(timeout => (5 + ++$try) . 's');
    $t->reload_sidecar;
    wait_for(sub { asked() > $before }, 10, "$name: a fetch");
    is status($second), 200, "$name: the last good set stays";
}
configure(url => 'http://127.0.0.1:' . $issuer->port . '/moved');
$t->reload_sidecar;
is status($second), 200, 'a redirect is not followed';
like $t->log_text('sidecar.log'), qr/key set not fetched.*302/, 'the log says why';
wait_for(sub { refused() >= 1 + keys %none }, 10, 'each was counted, over all changes of the configuration');
is promtool($t, $t->get('/metrics')->{body}), '', 'promtool check metrics finds nothing';

# --- without the issuer, without the sidecar ---
$issuer->stop_nginx;
$t->stop_sidecar;
$t->start_sidecar;
$t->stop_nginx;
$t->start_nginx;
is status($second), 200, 'the issuer away: a sidecar that starts has the last good set';
$t->stop_sidecar;
$t->stop_nginx;
$t->start_nginx;
is status($second), 200, 'the sidecar away: an nginx that starts has it, too';

# --- where keys may come from ---
for my $case (
    ['http://issuer.example/jwks.json', 'false', qr/keys that come by http:/],
    ['ftp://issuer.example/jwks.json', 'true', qr/a URL that begins with/]) {
    my ($url, $private, $message) = @$case;
    my $file = $t->write_file('bad.json', qq({"identity": {"jwks": {"default": {"url": "$url", "allow_private": $private}}}}));
    my ($exit, $out, $err) = $t->run_program(["$t->{build}/gatehoused", '-t', '-c', $file]);
    is $exit, 3, "$url, allow_private $private: refused";
    like $out . $err, $message, 'and why';
}
$t->done;
