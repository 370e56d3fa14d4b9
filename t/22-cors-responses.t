#!/usr/bin/perl
# The fields of gate_cors on responses: of every status, whoever made them, in place of the app's own, in HTTP/1 and HTTP/2.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'module is not built' if !$t->built('module');
mkdir $t->dir('html');
$t->write_file("html/$_", $_) for qw(file.txt error.html index.html);
$t->write_file('html/ssi.html', 'a<!--# include virtual="/sub" -->b');
$t->write_file('passwords', "user:{PLAIN}word\n");
$t->nginx_conf(<<'END');
gate_limit_zone $http_k zone=once:1m quota=1/hour;
proxy_cache_path %%DIR%%/cache keys_zone=c:1m;
server {
    listen 127.0.0.1:%%PORT%%;
    listen 127.0.0.1:%%PORT2%% http2;
    root %%DIR%%/html;
    location / { gate_cors origin=https://app.example.com,https://*.example.org credentials; ssi on; location = /index.html { gzip on; gzip_types *; gzip_min_length 1; gzip_vary on; } }
    location = /any { gate_cors origin=* expose=ETag,X-Own; return 200; }
    location = /unexposed { gate_cors origin=* expose=off; return 200; }
    location = /app { gate_cors origin=https://app.example.com; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /app/off { proxy_pass http://127.0.0.1:%%PORT1%%/app; }
    location /vary { gate_cors origin=https://app.example.com; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /cached { gate_cors origin=https://app.example.com,https://b.example.org; proxy_cache c; proxy_cache_valid 1h; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /added { gate_cors origin=https://app.example.com; add_header Access-Control-Allow-Origin * always;
        add_header access-control-expose-headers X-No always; add_header Vary Cookie always; add_header Vary origin always; return 200; }
    location /guarded {
        gate_cors origin=https://app.example.com;
        location = /guarded/401 { auth_basic closed; auth_basic_user_file %%DIR%%/passwords; }
        location = /guarded/403 { deny all; }
        location = /guarded/404 { }
        location = /guarded/405 { limit_except GET { deny all; } }
        location = /guarded/413 { client_max_body_size 1; proxy_pass http://127.0.0.1:%%PORT1%%; }
        location = /guarded/429 { gate_limit zone=once; empty_gif; }
        location = /guarded/502 { proxy_pass http://127.0.0.1:1; }
        location = /guarded/301 { return 301 /; }
        location = /guarded/page { proxy_pass http://127.0.0.1:1; error_page 502 /plain/error.html; }
        location = /guarded/named { proxy_pass http://127.0.0.1:1; error_page 502 = @named; }
        location = /guarded/return { return 404; error_page 404 /plain/error.html; }
        location = /guarded/own { return 404; error_page 404 /own/error.html; }
        location = /guarded/shut { return 404; error_page 404 /shut/error.html; }
        location = /guarded/accel { proxy_pass http://127.0.0.1:%%PORT1%%/accel; }
        location = /guarded/try { try_files /none @named; }
    }
    location /plain/ { alias %%DIR%%/html/; }
    location /own/ { gate_cors origin=*; alias %%DIR%%/html/; }
    location /shut/ { gate_cors off; alias %%DIR%%/html/; }
    location @named { return 503; }
    location = /sub { gate_cors origin=https://app.example.com; proxy_pass http://127.0.0.1:%%PORT1%%/app; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location = /app {
        add_header Access-Control-Allow-Origin https://other.example; add_header Access-Control-Allow-Credentials true;
        add_header access-control-expose-headers X-App; add_header Access-Control-Allow-Methods PUT; add_header Access-Control-Allow-Private-Network true;
        add_header X-Else 1; return 200 app;
    }
    location = /vary/one { add_header Vary "Accept-Encoding, Cookie"; return 200; }
    location = /vary/two { add_header Vary Accept-Encoding; add_header Vary Cookie; return 200; }
    location = /vary/has { add_header Vary "Cookie, ORIGIN"; return 200; }
    location = /vary/all { add_header Vary *; return 200; }
    location = /vary/empty { return 200; }
    location = /cached { add_header Access-Control-Allow-Origin https://other.example; return 200 $request_id; }
    location = /accel { add_header X-Accel-Redirect /plain/file.txt; return 200; }
}
END
$t->start_nginx;

my $app = 'https://app.example.com';
my $exposed = 'RateLimit, RateLimit-Policy, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset';

sub values_of ($r, $name) { return join '|', map { $_->[1] } grep { lc $_->[0] eq $name } @{$r->{headers}} }

# All there is about CORS, one value each: origin, credentials, exposed.
sub cors ($r) {
    my @others = grep { /^access-control-(?!allow-origin$|allow-credentials$|expose-headers$)/ } map { lc $_->[0] } @{$r->{headers}};
    return join ' / ', (map { values_of($r, "access-control-$_") } qw(allow-origin allow-credentials expose-headers)), @others;
}
my $none = ' /  / ';
my $granted = "$app /  / $exposed";

subtest 'the origin' => sub {
    is cors($t->get('/file.txt', Origin => $app)), "$app / true / $exposed", 'an allowed one, with credentials';
    is cors($t->get('/file.txt', Origin => 'https://a.example.org')), "https://a.example.org / true / $exposed", 'by a wildcard';
    for my $origin ('https://evil.example', 'null', '*', '', "$app, $app", 'https://a.b.example.org') {
        my $r = $t->get('/file.txt', Origin => $origin);
        is "$r->{status} " . cors($r) . $r->{header}{vary}, "200 ${none}Origin", "\"$origin\" gets nothing but Vary";
    }
    my $r = $t->get('/file.txt');
    is "$r->{status} " . cors($r) . $r->{header}{vary}, "200 ${none}Origin", 'nor does a request without one';
    is cors($t->request({path => '/file.txt', headers => [Origin => $app, Origin => $app]})), $none, 'nor one with two';
    is cors($t->get('/any', Origin => 'https://who.example')), '* /  / ETag, X-Own', 'all';
    is cors($t->get('/unexposed', Origin => 'null')), '* /  / ', 'nothing exposed';
};

subtest 'every status' => sub {
    my %with = (413 => [method => 'POST', body => 'xx'], 405 => [method => 'POST', body => 'xx']);
    $t->get('/guarded/429', K => 'k');
    for my $status (301, 401, 403, 404, 405, 413, 429, 502) {
        my $r = $t->request({method => 'GET', path => "/guarded/$status", headers => {Origin => $app, K => 'k'}, @{$with{$status} // []}});
        is $r->{status}, $status == 405 ? 403 : $status;
        is cors($r) . ' ' . values_of($r, 'vary'), "$granted Origin", 'has the fields';
    }
    my $r = $t->get('/file.txt');
    my $tag = $r->{header}{etag};
    $r = $t->get('/file.txt', Origin => $app, 'If-None-Match' => $tag);
    is "$r->{status} " . cors($r) . values_of($r, 'vary'), "304 $app / true / ${exposed}Origin", 'a 304';
    $r = $t->get('/file.txt', 'If-None-Match' => $tag);
    is "$r->{status} " . values_of($r, 'vary'), '304 Origin', 'a 304 without an origin';
    $r = $t->get('/file.txt', Origin => $app, 'If-Match' => '"x"');
    is "$r->{status} " . cors($r), "412 $app / true / $exposed", 'a 412';
    $r = $t->get('/file.txt', Origin => $app, Range => 'bytes=1-2');
    is "$r->{status} " . cors($r), "206 $app / true / $exposed", 'a 206';
    $r = $t->get('/file.txt', Origin => $app, Range => 'bytes=100-');
    is "$r->{status} " . cors($r), "416 $app / true / $exposed", 'a 416';
    $r = $t->head('/file.txt', Origin => $app);
    is "$r->{status} " . cors($r), "200 $app / true / $exposed", 'HEAD';
};

subtest 'error pages, and where else a request is sent' => sub {
    for my $case (['page', 502], ['named', 503], ['return', 404], ['accel', 200], ['try', 503]) {
        my $r = $t->get("/guarded/$case->[0]", Origin => $app);
        is "$r->{status} " . cors($r) . ' ' . values_of($r, 'vary'), "$case->[1] $granted Origin", "$case->[0]: as the location says that was asked";
    }
    is cors($t->get('/guarded/own', Origin => $app)), "* /  / $exposed", 'a location with a policy of its own';
    my $r = $t->get('/guarded/shut', Origin => $app);
    is "$r->{status} " . cors($r) . values_of($r, 'vary'), "404 $none", 'and with "off"';
    is cors($t->get('/plain/error.html', Origin => $app)), $none, 'which says nothing of its own requests';
};

subtest 'an app' => sub {
    my $r = $t->get('/app', Origin => $app);
    is cors($r) . " $r->{header}{'x-else'}", "$granted 1", 'its own fields are replaced';
    is cors($t->get('/app', Origin => 'https://other.example')), $none, 'also those for an origin it would allow';
    is cors($t->get('/app')), $none, 'and without an origin';
    like cors($t->get('/app/off', Origin => $app)), qr{^https://other.example / true / X-App}, 'elsewhere they stay';
    is cors($t->get('/added', Origin => $app)), $granted, 'and those of add_header';
    my %vary = (one => 'Accept-Encoding, Cookie, Origin', two => 'Accept-Encoding, Cookie, Origin', has => 'Cookie, ORIGIN', all => '*', empty => 'Origin');
    is values_of($t->get("/vary/$_", Origin => $app), 'vary'), $vary{$_}, "Vary: $_" for sort keys %vary;
    is values_of($t->get('/added'), 'vary'), 'Cookie, origin', 'Vary by add_header';
    my $first = $t->get('/cached', Origin => $app);
    $r = $t->get('/cached', Origin => 'https://b.example.org');
    is $r->{body}, $first->{body}, 'from the cache';
    is cors($r), "https://b.example.org /  / $exposed", 'for another origin';
    $r = $t->get('/index.html', Origin => $app, 'Accept-Encoding' => 'gzip');
    is "$r->{header}{'content-encoding'} " . join(',', sort split /\|/, values_of($r, 'vary')), 'gzip Accept-Encoding,Origin', 'beside gzip_vary';
    $r = $t->get('/ssi.html', Origin => $app);
    is "$r->{body} " . cors($r), "aappb $app / true / $exposed", 'a subrequest changes nothing';
};

subtest 'HTTP/2' => sub {
    plan skip_all => 'curl has no HTTP/2' if qx(curl -V) !~ /HTTP2/;
    my $ask = sub ($path, @options) {
        my $text = qx(curl -si --http2-prior-knowledge -H 'Origin: $app' @options http://127.0.0.1:@{[$t->port(2)]}$path);
        my %r = (status => $text =~ /^HTTP\/2 (\d+)/, headers => [map { [split /: /] } grep { /^[a-z-]+: / } split /\r\n/, $text]);
        return \%r;
    };
    is cors($ask->('/guarded/403')), $granted, 'a refusal';
    is cors($ask->('/app')), $granted, 'an app';
    my $r = $ask->('/app', '-X OPTIONS', "-H 'Access-Control-Request-Method: POST'");
    is join('|', $r->{status}, map { values_of($r, "access-control-allow-$_") } qw(origin methods)), "204|$app|GET, HEAD, POST";
    $r = $ask->('/app', '-X OPTIONS', "-H 'Access-Control-Request-Method: PUT'");
    is "$r->{status} " . cors($r), "204 $none", 'a refused preflight';
};

$t->done;
