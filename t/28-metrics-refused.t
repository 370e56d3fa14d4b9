#!/usr/bin/perl
# gate_auth before gate_metrics, gate_health and gate_upstreams: 401 without a token that is good, and nothing of what they tell.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);

my $t = Gatehouse->new;
plan skip_all => 'needs the module' if !$t->built('module');

my $secret = '0123456789abcdef' x 4;
$t->write_file('secret', "$secret\n");
chmod 0600, $t->dir('secret');
$t->nginx_conf(<<'END');
gate_limit_zone $gate_client zone=inner_zone:64k rate=100r/s;
upstream inner_app { zone inner_app 64k; server 127.0.0.1:1; gate_check uri=/health; }
server {
    listen 127.0.0.1:%%PORT%%;
    gate_auth jwt;
    gate_jwt_key secret=secret alg=HS256;
    location = /metrics { gate_metrics; }
    location = /openmetrics { gate_metrics openmetrics; }
    location = /json { gate_metrics json; }
    location = /live { gate_health live; }
    location = /ready { gate_health ready; }
    location = /detailed { gate_health detailed; }
    location = /extended { gate_health extended; }
    location = /upstreams { gate_upstreams; }
    location = /inner { gate_limit zone=inner_zone; return 200; }
}
END
$t->start_nginx;
my $good = hs256({sub => 'prometheus', exp => time + 3600}, $secret);
my $expired = hs256({sub => 'prometheus', exp => time - 3600}, $secret);

for my $path (map { "/$_" } qw(metrics openmetrics json live ready detailed extended upstreams)) {
    is $t->get($path, Authorization => "Bearer $good")->{status}, 200, "$path: 200 with a good token";
    for my $without (['none', ''], ['an expired one', $expired], ['what is none', 'x']) {
        my ($what, $token) = @$without;
        for my $method (qw(GET HEAD)) {
            my $answer = $t->request({method => $method, path => $path, headers => {$token ? (Authorization => "Bearer $token") : ()}});
            is $answer->{status}, 401, "$path: with $what: 401 to $method";
            like $answer->{header}{'www-authenticate'}, qr/^Bearer realm=/, 'which says how to come in';
            unlike $answer->{body}, qr/inner|gatehouse_|"(?:sidecar|nginx|workers|checks|counters|upstreams)"/, 'and no name of what is behind';
        }
    }
}
like $t->get('/metrics', Authorization => "Bearer $good")->{body}, qr/zone="inner_zone"/, 'the names are there for who may see them';
like $t->get('/upstreams', Authorization => "Bearer $good")->{body}, qr/"inner_app"/, 'all of them';

$t->done;
