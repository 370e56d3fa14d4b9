#!/usr/bin/perl
# What a card on the board answers: fields, formats, encodings, methods, freshness; and what a miss gets.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');

my %body = (
    json => '{"a":1,"generation":1}', csv => "a\r\n1\r\n", ndjson => qq({"a":1}\n), columns => '{"a":[1]}',
    gzip => "\x1f\x8b gzip's bytes", br => "br's bytes", zstd => "zstd's bytes",
);
my $modified = 1_700_000_000;
my $modified_date = 'Tue, 14 Nov 2023 22:13:20 GMT';    # date -u -d @1700000000

my $publisher = $t->start_publisher;
my $card = sub ($name, %more) {
    return $publisher->card($name, "/api/$name", json => $body{json}, last_modified => $modified, %more);
};
$card->('plain', cache_control => 'public, max-age=60');
$card->('formats', map { $_ => $body{$_} } qw(csv ndjson columns));
$card->('encodings', map { ("json.$_" => $body{$_}) } qw(gzip br zstd));
$card->('aged', age_ms => 30_000);
$card->('stale', age_ms => 120_000);
$card->('short', age_ms => 120_000, stale_ms => 1000);
$card->('forgotten', age_ms => (60 + 3600 + 5) * 1000);
$card->('secret', require => 'read');
$card->('empty', json => '');
$publisher->card('odd', "/api/sp ace/\x{c3}\x{a4}", json => $body{json});

$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    keepalive_requests 1000;
    location / { gate_board on; }
    location /off { }
    location /fresh/ { gate_board on; gate_board_stale off; rewrite ^/fresh(/.*) $1 break; }
    location /long/ { gate_board on; gate_board_stale 1d; rewrite ^/long(/.*) $1 break; }
    location /app/ { gate_board on; proxy_pass http://127.0.0.1:%%PORT1%%; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location / { add_header Cache-Status "app; hit"; return 200 "app $request_method $request_uri"; }
}
END
$t->start_nginx;
is $t->wait_for_answer('/api/plain')->{status}, 200, 'a card is served';

subtest 'fields of a hit' => sub {
    my $r = $t->get('/api/plain');
    my $h = $r->{header};
    is $r->{body}, $body{json}, 'the bytes';
    is $h->{'content-type'}, 'application/json';
    is $h->{'content-length'}, length $body{json};
    like $h->{etag}, qr/^"[0-9a-f]{16}"$/, 'a strong tag';
    is $h->{'last-modified'}, $modified_date;
    is $h->{'cache-control'}, 'public, max-age=60';
    is $h->{vary}, 'Accept-Encoding', 'one format: Accept has no say';
    is $h->{'accept-ranges'}, 'bytes';
    ok !exists $h->{'content-encoding'}, 'identity is not named';
    like $h->{'cache-status'}, qr/^gatehouse; hit; ttl=(?:5\d|60)$/;
    is scalar(grep { $_->[0] eq 'Cache-Status' } @{$r->{headers}}), 1;
};

subtest 'HEAD' => sub {
    my ($get, $head) = ($t->get('/api/plain'), $t->head('/api/plain'));
    is $head->{body}, '';
    is $head->{header}{$_}, $get->{header}{$_}, $_
        for qw(etag content-length content-type last-modified cache-control vary accept-ranges);
};

subtest 'age' => sub {
    my $h = $t->get('/api/aged')->{header};
    like $h->{age}, qr/^3\d$/;
    is $h->{age} + ($h->{'cache-status'} =~ /ttl=(-?\d+)/)[0], 59, 'age and ttl make max_age, rounded down';
    my $stale = $t->get('/api/stale');
    is $stale->{status}, 200, 'stale is served';
    like $stale->{header}{'cache-status'}, qr/ttl=-6\d$/, 'with a negative ttl';
    like $stale->{header}{age}, qr/^12\d$/;
    is $t->get('/fresh/api/stale')->{status}, 503, 'but not where the location forbids it';
    is $t->get('/fresh/api/aged')->{status}, 200, 'which serves what is fresh';
    is $t->get('/long/api/short')->{status}, 200, "the location's setting goes before the card's";
    for my $path ('/api/short', '/api/forgotten') {
        my $gone = $t->get($path);
        is $gone->{status}, 503, "$path is gone";
        is $gone->{header}{'retry-after'}, 60, 'it says when to come back';
        is $gone->{header}{'content-type'}, 'application/problem+json';
        is $gone->{header}{'cache-control'}, 'no-store';
    }
};

subtest 'formats' => sub {
    my %type = (json => 'application/json', columns => 'application/json', ndjson => 'application/x-ndjson',
        csv => 'text/csv; charset=utf-8; header=present');
    for my $format (sort keys %type) {
        my $r = $t->get("/api/formats?x=1&format=$format");
        is $r->{body}, $body{$format}, $format;
        is $r->{header}{'content-type'}, $type{$format};
        is $r->{header}{vary}, 'Accept-Encoding', 'the query decides';
    }
    my $csv = $t->get('/api/formats', Accept => 'text/csv;q=0.9, application/json;q=0.5');
    is $csv->{body}, $body{csv}, 'by Accept';
    is $csv->{header}{vary}, 'Accept-Encoding, Accept', 'which Vary names';
    is $t->get('/api/formats', Accept => 'text/html')->{body}, $body{json}, 'nothing acceptable: json';
    for my $query ('format=xml', 'format=json&format=csv', 'format=', 'format=%zz') {
        my $r = $t->get("/api/formats?$query");
        is $r->{status}, 400, $query;
        like $r->{body}, qr/Available: json, columns, csv, ndjson\./, 'and what there is';
    }
    my $absent = $t->get('/api/plain?format=csv');
    is $absent->{status}, 400, 'a format this card has not';
    like $absent->{body}, qr/Available: json\./;
};

subtest 'encodings' => sub {
    my @cases = (
        [undef, 'identity'], ['', 'identity'], ['gzip', 'gzip'], ['gzip, br', 'br'], ['gzip, deflate, br, zstd', 'zstd'],
        ['zstd;q=0.1, gzip;q=0.2', 'gzip'], ['gzip;q=0', 'identity'], ['*;q=0', 'identity'], ['*', 'zstd'],
        ['identity;q=0', 'identity'], ['GZIP', 'gzip'], ['gzip;q=2', 'identity'], ['deflate', 'identity'],
    );
    my %tag;
    for my $case (@cases) {
        my ($accept, $encoding) = @$case;
        my $r = $t->get('/api/encodings', defined $accept ? ('Accept-Encoding' => $accept) : ());
        my $name = defined $accept ? "\"$accept\"" : 'no field';
        is $r->{body}, $body{$encoding} // $body{json}, "$name: $encoding";
        is $r->{header}{'content-encoding'} // 'identity', $encoding;
        $tag{$encoding}{$r->{header}{etag}} = 1;
    }
    is scalar(map { keys %$_ } values %tag), 4, 'one tag for each encoding';
};

subtest 'other methods' => sub {
    my $http = $t->http(0, keepalive => 1);
    for my $method (qw(POST PUT DELETE PATCH OPTIONS FOO)) {
        my $r = $http->request({method => $method, path => '/api/plain', body => 'x' x 100_000});
        is $r->{status}, 405, $method;
        is $r->{header}{allow}, 'GET, HEAD';
        is $r->{header}{'content-type'}, 'application/problem+json';
    }
    is $http->get('/api/plain')->{status}, 200, 'the connection is still good';
    is $http->{reused}, 7, 'and the same one';
    is $t->request({method => 'TRACE', path => '/api/plain'})->{status}, 405, 'TRACE';
    my $waiting = $t->request({method => 'POST', path => '/api/plain', body => 'x', headers => {Expect => '100-continue'}});
    is $waiting->{status}, 405, 'without a "100 Continue" first';
    my $get = $t->request({method => 'GET', path => '/api/plain', body => 'x' x 1000});
    is $get->{status}, 200, "a GET's body means nothing";
};

subtest 'scopes' => sub {
    for my $method (qw(GET HEAD POST)) {
        my $r = $t->request({method => $method, path => '/api/secret'});
        is $r->{status}, 401, $method;
        is $r->{header}{'www-authenticate'}, 'Bearer realm="gatehouse"', 'no error code without credentials';
        is $r->{header}{'cache-control'}, 'no-store';
        unlike $r->{body}, qr/generation/;
    }
};

subtest 'problems' => sub {
    my $r = $t->get('/api/secret?token=hidden', Accept => '*/*');
    my $problem = JSON::PP::decode_json($r->{body});
    is $problem->{status}, 401;
    is $problem->{title}, 'Unauthorized';
    is $problem->{instance}, '/api/secret', 'without the query';
    like $problem->{request_id}, qr/^[0-9a-f]{32}$/;
    my $page = $t->get('/api/secret', Accept => 'text/html,application/xhtml+xml,*/*;q=0.8');
    is $page->{header}{'content-type'}, 'text/html; charset=utf-8', 'a browser gets a page';
    is $t->head('/api/secret')->{body}, '';
};

subtest 'misses' => sub {
    my $r = $t->request({method => 'POST', path => '/app/x?y', body => 'z'});
    is $r->{body}, 'app POST /app/x?y', 'the app answers';
    is_deeply [map { $_->[1] } grep { $_->[0] eq 'Cache-Status' } @{$r->{headers}}],
        ['app; hit', 'gatehouse; fwd=uri-miss'], 'our line after its own';
    is $t->get('/nothing')->{header}{'cache-status'}, 'gatehouse; fwd=uri-miss', 'on a 404';
    ok !exists $t->get('/off')->{header}{'cache-status'}, 'not where the board is off';
    is $t->get($_)->{status}, 404, $_ for '/api/PLAIN', '/api/plain/', '/api/a%0d%0aX:%20y', '/api/' . 'x' x 300;
    is $t->get($_)->{status}, 400, $_ for '/api/%00', '/api/../../state';
    is $t->get($_)->{status}, 200, $_ for '/api/./plain', '/api//plain', '/api/%70lain', '/api/sp%20ace/%C3%A4';
};

subtest 'empty and old' => sub {
    my $empty = $t->get('/api/empty');
    is $empty->{status}, 200;
    is $empty->{header}{'content-length'}, 0;
    my $ancient = sub ($path) {
        my $http = $t->http->connect;
        $http->send("GET $path\r\n");
        my $bytes = '';
        1 while sysread $http->{socket}, $bytes, 65536, length $bytes;
        return $bytes;
    };
    is $ancient->('/api/plain'), $body{json}, 'HTTP/0.9: the body alone';
    like $ancient->('/api/secret'), qr/^\{"type":.*"status":401.*\}$/, 'of an error too';
    is $t->request({path => '/api/plain', version => 'HTTP/1.0'})->{body}, $body{json}, 'HTTP/1.0';
};

$publisher->command('retract', 'plain');
$t->wait_for_answer('/api/plain', 404);
pass 'retracted';
$publisher->stop;
$t->done;
