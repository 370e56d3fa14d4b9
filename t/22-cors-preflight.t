#!/usr/bin/perl
# gate_cors, preflights: who is granted what, where in the order of guards they are answered, and what never reaches the app.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');
$t->write_file('passwords', "user:{PLAIN}word\n");
$t->nginx_conf(<<'END');
log_format app '$request_method $uri $request_id';
gate_limit_zone $http_k zone=two:1m quota=2/hour;
gate_limit_zone $http_k zone=user:1m quota=1/hour;
limit_req_zone $http_k zone=req:1m rate=1r/m;
server {
    listen 127.0.0.1:%%PORT%%;
    location /api { gate_cors origin=https://app.example.com,https://*.example.org credentials methods=GET,PUT headers=X-One,x-two max_age=1h; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /default { gate_cors origin=https://app.example.com; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /any { gate_cors origin=* methods=* headers=* max_age=0; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /wide { gate_cors "origin=https://app.example.com, http://localhost:3000" credentials headers=*; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /null { gate_cors origin=null; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /none { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /guarded {
        gate_cors origin=https://app.example.com;
        auth_basic closed; auth_basic_user_file %%DIR%%/passwords;
        location /guarded/denied { deny all; }
        location /guarded/token { auth_basic off; gate_auth token; }
        location /guarded/limited { gate_limit zone=two; gate_limit zone=user stage=identity; proxy_pass http://127.0.0.1:%%PORT1%%; }
        location /guarded/req { limit_req zone=req; limit_req_status 429; }
        location /guarded/except { limit_except GET { deny all; } }
        location /guarded/returns { return 404; }
        location /guarded/off { gate_cors off; auth_basic off; proxy_pass http://127.0.0.1:%%PORT1%%; }
    }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    access_log logs/app.log app;
    location / { add_header Access-Control-Allow-Origin * always; add_header Allow GET always; return 200 app; }
}
END
$t->start_nginx;

my $app = 'https://app.example.com';
my @granting = map { "access-control-$_" } qw(allow-origin allow-methods allow-headers allow-credentials max-age expose-headers);
my $vary = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

sub preflight ($path, $origin, $method, $headers = undef, @more) {
    return $t->request({method => 'OPTIONS', path => $path, headers => [
        (defined $origin ? (Origin => $origin) : ()), (defined $method ? ('Access-Control-Request-Method' => $method) : ()),
        (defined $headers ? ('Access-Control-Request-Headers' => $headers) : ()), @more]});
}

# The granting fields of an answer, as "name: value" lines without "access-control-"; and that all else is as it must be.
sub grant_of ($r, $name) {
    is "$r->{status} $r->{body} $r->{header}{vary}", "204  $vary", "$name: 204 with its Vary";
    ok !exists $r->{header}{'content-length'} && !exists $r->{header}{'content-type'}, 'without a body';
    my %lines;
    ++$lines{lc $_->[0]} for @{$r->{headers}};
    is_deeply [grep { $_ > 1 } values %lines], [], 'no field twice';
    return join "\n", map { s/access-control-//r . ": $r->{header}{$_}" } grep { exists $r->{header}{$_} } @granting;
}

subtest 'granted' => sub {
    my $granted = "allow-origin: $app\nallow-methods: GET, PUT\nallow-headers: X-One, x-two\nallow-credentials: true\nmax-age: 3600";
    is grant_of(preflight('/api', $app, 'PUT'), 'no headers'), $granted;
    is grant_of(preflight('/api', $app, 'GET', 'x-one'), 'a header'), $granted;
    is grant_of(preflight('/api/x', $app, 'PUT', 'x-two, X-ONE'), 'headers'), $granted;
    is grant_of(preflight('/api', 'https://a.example.org', 'PUT'), 'a wildcard'), $granted =~ s/\Q$app/https:\/\/a.example.org/r;
    is grant_of(preflight('/default', $app, 'POST', 'authorization,content-type'), 'defaults'),
        "allow-origin: $app\nallow-methods: GET, HEAD, POST\nallow-headers: Authorization, Content-Type, X-API-Token, X-API-Key\nmax-age: 600";
    is grant_of(preflight('/any', 'https://who.example', 'DELETE', 'x-a,x-b'), 'anybody'),
        "allow-origin: *\nallow-methods: DELETE\nallow-headers: x-a,x-b\nmax-age: 0";
    is grant_of(preflight('/any', 'null', 'GET'), 'anybody, null'), "allow-origin: *\nallow-methods: GET\nmax-age: 0";
    is grant_of(preflight('/wide', 'http://localhost:3000', 'GET', 'x-a'), 'headers=* and credentials'),
        "allow-origin: http://localhost:3000\nallow-methods: GET, HEAD, POST\nallow-headers: x-a\nallow-credentials: true\nmax-age: 600";
    is grant_of(preflight('/null', 'null', 'GET'), 'null by name') =~ s/\n.*//sr, 'allow-origin: null';
};

subtest 'refused' => sub {
    my @cases = (
        ['an origin', 'https://evil.example', 'GET'], ['http', 'http://app.example.com', 'GET'], ['a port', "$app:8443", 'GET'],
        ['null', 'null', 'GET'], ['a path', "$app/", 'GET'], ['a suffix', "$app.evil.example", 'GET'], ['no label', 'https://example.org', 'GET'],
        ['two labels', 'https://a.b.example.org', 'GET'], ['letter case', 'https://APP.example.com', 'GET'], ['an empty origin', '', 'GET'],
        ['a list of origins', "$app, $app", 'GET'], ['a method', $app, 'POST'], ['its letter case', $app, 'put'], ['no method', $app, undef, 'x-one'],
        ['an empty method', $app, ''], ['a header', $app, 'GET', 'x-three'], ['one of them', $app, 'GET', 'x-one,x-three'],
        ['a safe header', $app, 'GET', 'accept'], ['the name of all', $app, 'GET', '*'], ['no token', $app, 'GET', 'x-one x-two'],
        ['more than is read', $app, 'GET', join ',', ('x-one') x 1000],
        ['two origins', $app, 'GET', undef, Origin => $app], ['two methods', $app, 'GET', undef, 'Access-Control-Request-Method' => 'GET'],
        ['two lists', $app, 'GET', 'x-one', 'Access-Control-Request-Headers' => 'x-two'],
    );
    for my $case (@cases) {
        my ($name, @question) = @$case;
        is grant_of(preflight('/api', @question), $name), '', 'nothing';
    }
    is grant_of(preflight('/any', 'https://who.example', 'GET', $_), 'no token where all are granted'), '', 'nothing' for 'a b', "x-\xe4", 'a"';
    ok !defined preflight('/api', $app, 'GET', undef, 'Access-Control-Request-Private-Network' => 'true')->{header}{'access-control-allow-private-network'},
        'a private network is not granted';
};

subtest 'what is no preflight' => sub {
    for my $case (['/api', undef, undef], ['/api', undef, 'PUT'], ['/none', $app, 'PUT'], ['/guarded/off', $app, 'PUT']) {
        my $r = preflight(@$case);
        is "$r->{status} $r->{body} $r->{header}{allow}", '200 app GET', "OPTIONS $case->[0] goes on to the app";
    }
};

subtest 'before who may enter, after the limits of clients' => sub {
    my $granted = qr/^allow-origin: \Q$app/;
    like grant_of(preflight("/guarded$_", $app, 'GET'), $_ || 'auth_basic'), $granted for '', '/denied', '/except', '/token';
    is $t->get('/guarded', Origin => $app)->{status}, 401, 'the request itself is guarded';
    my $refused = $t->get('/guarded/token', Origin => $app);
    is "$refused->{status} $refused->{header}{'access-control-allow-origin'}", "401 $app", 'a page can read why';
    like grant_of(preflight('/guarded/limited', $app, 'GET', undef, K => 'a'), 'the limit of clients'), $granted for 1, 2;
    is preflight('/guarded/limited', $app, 'GET', undef, K => 'a')->{status}, 429, 'counts preflights; that of users would have refused before';
    like grant_of(preflight('/guarded/req', $app, 'GET', undef, K => 'b'), 'limit_req'), $granted;
    is preflight('/guarded/req', $app, 'GET', undef, K => 'b')->{status}, 429, 'counts them too';
    my $r = preflight('/guarded/returns', $app, 'GET');
    is "$r->{status} $r->{header}{'access-control-allow-methods'}", '404 GET, HEAD, POST', 'what "return" answers first has the same fields';
};

subtest 'a body and the next request' => sub {
    my $http = $t->http(0, keepalive => 1);
    for (1 .. 2) {
        my $r = $http->request({method => 'OPTIONS', path => '/api', body => 'x' x 100_000,
            headers => [Origin => $app, 'Access-Control-Request-Method' => 'GET']});
        is "$r->{status} $r->{header}{'access-control-allow-origin'}", "204 $app";
    }
    is $http->{reused}, 2, 'one connection';
    my $r = $t->request("OPTIONS /api HTTP/1.0\r\nOrigin: $app\r\nAccess-Control-Request-Method: GET\r\n\r\n");
    is "$r->{status} $r->{header}{'access-control-allow-origin'}", "204 $app", 'HTTP/1.0';
};

$t->stop_nginx;
my %asked;
++$asked{(split ' ')[0] . ' ' . (split ' ')[1]} for split /\n/, $t->log_text('app.log');
is_deeply \%asked, {'OPTIONS /api' => 2, 'OPTIONS /none' => 1, 'OPTIONS /guarded/off' => 1}, 'the app saw no preflight';
$t->done;
