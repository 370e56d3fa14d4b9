#!/usr/bin/perl
# gate_auth's directives over http, server and location; if, limit_except, named locations, redirects; gate_require.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token hs256);

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my ($ada, $bob, $eve) = map { api_token($_) } 'ADA00001', 'BOB00001', 'EVE00001';
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'boards:write read', plan => 'gold'}, {token => $bob, user => 'bob', scopes => 'read'}, {token => $eve});
my $secret = 'x' x 32;
$t->write_file('secret', "$secret\n");
chmod 0600, $t->dir('secret');
mkdir $t->dir('temp/i');
$t->write_file("temp/$_", 'file') for qw(try i/index.html);

$t->nginx_conf(<<'END');
gate_auth token; gate_realm outer; gate_require scope=read; gate_token_from header:X-Outer;
gate_jwt_key secret=secret alg=HS256; gate_jwt_issuer one;
map $gate_plan $is_gold { gold 1; default 0; }
map $gate_user $has_user { "" ""; default yes; }
server {
    listen 127.0.0.1:%%PORT%%;
    root temp;
    location /inherits { empty_gif; }
    location /realm { gate_realm inner; empty_gif; }
    location /from { gate_token_from bearer; empty_gif; }
    location /require { gate_require user=ada; empty_gif; }
    location /off { gate_auth off; empty_gif; location /off/on { gate_auth token; empty_gif; } }
    location /jwt { gate_auth jwt; gate_require role=x; empty_gif;
        location /jwt/two { gate_jwt_issuer two; empty_gif; } location /jwt/late { gate_jwt_leeway 5m; empty_gif; }
        location /jwt/aud { gate_jwt_audience a b; empty_gif; } location /jwt/alg { gate_jwt_algorithms HS512; empty_gif; } }
    location /if { if ($arg_x) { set $y 1; } if ($arg_z) { set $y 2; break; } empty_gif; }
    location /except { gate_auth off; limit_except GET { gate_auth token; } empty_gif; }
    location /within { limit_except GET { deny all; } empty_gif; }
    location /try { gate_auth off; try_files $uri @named; }
    location @named { empty_gif; }
    location /i/ { gate_auth off; }
    location /i/index.html { }
    location /back { gate_auth off; error_page 404 = /inherits; return 404; }
    location /rewrite { gate_auth off; rewrite ^ /inherits last; }
    location /accel { gate_auth off; proxy_pass http://127.0.0.1:%%PORT1%%; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    gate_auth token jwt; gate_token_from bearer; gate_realm r; gate_require user=ada;
    location / { gate_require scope=read; gate_require scope=boards:write; empty_gif; }
    location /accel { gate_auth off; add_header X-Accel-Redirect /inherits; return 200; }
    location /user { gate_require user=ada; empty_gif; }
    location /gold { gate_require $is_gold; empty_gif; }
    location /known { gate_require $has_user $gate_user; empty_gif; }
    location /role { gate_require role=admin; empty_gif; }
    location /claim { gate_require claim.tenant.Name=a claim.groups=g2; empty_gif; }
    location /number { gate_require claim.level=7 claim.on=true claim.e=; empty_gif; }
    location /dots { gate_require claim.a.b=1; empty_gif; }
    location /scope { gate_require scope=read; empty_gif; }
}
END
$t->start_nginx;

sub status ($path, %headers) { return $t->get($path, %headers)->{status} }
sub outer ($path, $token = $ada) { return status($path, 'X-Outer' => $token) }

subtest 'levels' => sub {
    my $r = $t->get('/inherits');
    is "$r->{status} $r->{header}{'www-authenticate'}", '401 Bearer realm="outer"', 'from http';
    is outer('/inherits'), 200;
    is status('/inherits', Authorization => "Bearer $ada"), 401, 'gate_token_from is in place of the default';
    is outer('/inherits', $eve), 403, 'gate_require too';
    is $t->get('/realm')->{header}{'www-authenticate'}, 'Bearer realm="inner"', 'gate_realm within';
    is status('/from', Authorization => "Bearer $ada"), 200, 'gate_token_from within';
    is outer('/from'), 401;
    is outer('/require', $_->[0]), $_->[1], "gate_require within is in place of the outer: $_->[1]" for [$ada, 200], [$bob, 403];
    is status('/off'), 200, 'off within';
    is status('/off/on'), 401, 'on within that';
};

subtest 'levels of JWTs' => sub {
    my $token = sub (%claims) { return hs256({exp => time + 60, roles => 'x', iss => 'one', %claims}, $secret) };
    is outer($_->[0], $token->(@$_[2 .. $#$_])), $_->[1], join ' ', map { s/^\d{10}$/…/r } @$_ for (
        ['/jwt', 200], ['/jwt', 401, iss => 'two'], ['/jwt/two', 200, iss => 'two'], ['/jwt/two', 401],
        ['/jwt', 401, exp => time - 60], ['/jwt/late', 200, exp => time - 60], ['/jwt/late', 401, iss => 'two'],
        ['/jwt/aud', 401], ['/jwt/aud', 200, aud => 'a'], ['/jwt/aud', 200, aud => ['x', 'b']], ['/jwt/alg', 401],
        ['/jwt', 200, aud => 'anybody'], ['/jwt', 403, roles => 'y']);
};

subtest 'blocks and redirects' => sub {
    for my $path ('/if', '/if?x=1', '/if?z=1', '/try/none', '/i/', '/back', '/rewrite', '/accel') {
        is status($path), 401, "$path: asked";
        is outer($path), 200, 'and let in' if $path ne '/accel';
    }
    is status('/try'), 200, 'try_files that finds something outside';
    my %post = (method => 'POST', path => '/except', body => 'x');
    is status('/except'), 200, 'limit_except: what it excepts';
    is $t->request(\%post)->{status}, 401, 'and the others';
    is $t->request({%post, headers => {'X-Outer' => $ada}})->{status}, 404, 'with a token: on to the files';
    is status('/within'), 401, 'limit_except inherits';
    is outer('/within'), 200;
    is $t->request({%post, path => '/within', headers => {'X-Outer' => $ada}})->{status}, 403;
};

subtest 'gate_require' => sub {
    my $http = $t->http(1);
    my $ask = sub ($path, $token) { return $http->get($path, Authorization => "Bearer $token") };
    is $ask->('/x', $ada)->{status}, 200, 'two scopes';
    my $r = $ask->('/x', $bob);
    is "$r->{status} $r->{header}{'www-authenticate'}", '403 Bearer realm="r", error="insufficient_scope", scope="read boards:write"', 'one of two: all are named';
    is $r->{header}{'cache-control'}, 'no-store';
    $r = $ask->('/user', $bob);
    is "$r->{status} $r->{header}{'www-authenticate'}", '403 Bearer realm="r", error="insufficient_scope"', 'no scope is named where none is required';
    is $ask->($_->[0], $_->[1])->{status}, $_->[2], "$_->[0] $_->[2]" for (
        ['/user', $ada, 200], ['/gold', $ada, 200], ['/gold', $bob, 403], ['/known', $ada, 200], ['/known', $eve, 403], ['/role', $ada, 403], ['/claim', $ada, 403], ['/scope', $bob, 200], ['/scope', $eve, 403]);
    my $jwt = sub (%claims) { return hs256({exp => time + 60, iss => 'one', %claims}, $secret) };
    my @cases = (
        ['/role', 200, roles => 'admin'], ['/role', 200, roles => ['x', 'admin']], ['/role', 403, roles => 'administrator'], ['/role', 403, roles => 'Admin'], ['/role', 403, role => 'admin'],
        ['/claim', 200, tenant => {Name => 'a'}, groups => ['g1', 'g2']], ['/claim', 403, tenant => {Name => 'a'}, groups => ['g1', 'g22']],
        ['/claim', 403, tenant => {Name => 'b'}, groups => 'g2'], ['/claim', 403, tenant => {name => 'a'}, groups => 'g2'], ['/claim', 403, groups => 'g2'],
        ['/claim', 403, tenant => 'a', groups => 'g2'], ['/claim', 200, 'tenant.Name' => 'a', groups => 'g2'], ['/claim', 403, tenant => {Name => 'a'}, groups => {g2 => 1}],
        ['/number', 200, level => 7, on => JSON::PP::true(), e => ''], ['/number', 403, level => 70, on => JSON::PP::true(), e => ''], ['/number', 403, level => 7, on => JSON::PP::true()],
        ['/scope', 200, scope => 'a read b'], ['/scope', 200, scp => ['a', 'read']], ['/scope', 403, scope => 'readwrite'], ['/scope', 403, scope => '*'], ['/scope', 403, scope => 'READ'],
        ['/user', 200, sub => 'ada'], ['/user', 403, sub => 'Ada'], ['/user', 401, sub => ['ada', 'bob']],
    );
    is $ask->($_->[0], $jwt->(@$_[2 .. $#$_]))->{status}, $_->[1], Gatehouse::Credentials::json($_) for @cases;
};

$t->done;
