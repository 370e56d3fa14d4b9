#!/usr/bin/perl
# Variants of cards: which request asks for which, what a hit answers, what a miss leads to, and who may have one.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token);
use Gatehouse::Metrics qw(samples);

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my ($ada, $bob) = map { api_token($_) } 'ADA00001', 'BOB00001';
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read write'}, {token => $bob, user => 'bob', scopes => 'read'});
$publisher->paths(
    ['charts', '/api/runs/{id}/charts', 'from limit'], ['run', '/api/runs/{id}'], ['secret', '/api/secret/{id}', '', 'read write'],
    ['listed', '/api/listed', 'q'], ['kept', '/api/kept/{id}', '', '', 0], ['any', '/api/any/{name}', 'q']);
$publisher->card('plain', '/api/runs/latest', json => '"plain"');
$publisher->variant('charts', '/api/runs/7/charts', json => '{"run":7}', csv => "run\r\n7\r\n", 'json.gzip' => "\x1f\x8bfake", cache_control => 'public, max-age=60');
$publisher->variant('charts', '/api/runs/7/charts?from=a%20b&limit=10', json => '"of two"');
$publisher->variant('charts', '/api/runs/old/charts', json => '"old"', age_ms => 120_000);
$publisher->variant('charts', '/api/runs/gone/charts', json => '"gone"', age_ms => 120_000, stale_ms => 1000);
$publisher->variant('kept', '/api/kept/old', json => '"kept"', age_ms => 120_000);
$publisher->variant('kept', '/api/kept/gone', json => '"gone"', age_ms => 120_000, stale_ms => 1000);
$publisher->variant('listed', '/api/listed?q=', json => '"empty"');
$publisher->variant('listed', '/api/listed', json => '"none"');
$publisher->variant('secret', '/api/secret/1', json => '"secret"', require => 'read write', cache_control => 'public, max-age=60');
$publisher->variant('run', '/api/runs/strict', json => '"strict"', require => 'admin');
$publisher->variant('other', '/api/runs/8', json => '"of another card"');
$publisher->variant('any', '/api/any/Z%C3%BCrich%3F', json => '"odd"');

$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    keepalive_requests 1000;
    location /api/ { gate_board on; gate_compute @compute; }
    location /here/ { gate_board on; rewrite ^/here(/.*) $1 break; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /nowhere/ { gate_board on; rewrite ^/nowhere(/.*) $1 break; }
    location /off/ { gate_board on; gate_compute off; rewrite ^/off(/.*) $1 break; }
    location /strict/ { gate_board on; gate_compute @compute; gate_auth token; rewrite ^/strict(/.*) $1 break; }
    location @compute { gate_board on; gate_compute @compute; proxy_set_header X-Was $request_method; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /metrics { gate_metrics; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location / { add_header X-Computed yes; add_header Cache-Status $arg_status; return 200 "computed $request_method $request_uri"; }
}
END
$t->start_nginx;
is $t->wait_for_answer('/api/runs/7/charts')->{body}, '{"run":7}', 'a variant is served';

# What is computed says so; what is not comes from the board.
sub came ($path, %headers) {
    my $r = $t->get($path, %headers);
    return "$r->{status} " . ($r->{header}{'x-computed'} ? 'computed' : $r->{body});
}

subtest 'a hit is a hit' => sub {
    my $r = $t->get('/api/runs/7/charts');
    my $h = $r->{header};
    like $h->{'cache-status'}, qr/^gatehouse; hit; ttl=(?:5\d|60)$/;
    is "$h->{'cache-control'} | $h->{vary} | $h->{'accept-ranges'} | $h->{'content-type'}", 'public, max-age=60 | Accept-Encoding, Accept | bytes | application/json';
    is $t->get('/api/runs/7/charts', 'If-None-Match' => $h->{etag})->{status}, 304;
    is $t->get('/api/runs/7/charts', Range => 'bytes=1-5')->{body}, '"run"', 'ranges';
    is $t->get('/api/runs/7/charts', 'Accept-Encoding' => 'gzip')->{header}{'content-encoding'}, 'gzip', 'encodings';
    is $t->get('/api/runs/7/charts?format=csv')->{body}, "run\r\n7\r\n", 'formats, by the query';
    is $t->get('/api/runs/7/charts', Accept => 'text/csv')->{body}, "run\r\n7\r\n", 'and by Accept';
    is $t->get('/api/runs/7/charts?format=xml')->{status}, 400, 'a format that is none';
    is $t->head('/api/runs/7/charts')->{header}{etag}, $h->{etag}, 'HEAD';
    is came('/api/runs/latest'), '200 "plain"', 'a card on the very path goes before';
};

subtest 'which request asks for which variant' => sub {
    is came($_), '200 "of two"', $_ for '/api/runs/7/charts?limit=10&from=a+b', '/api/runs/7/charts?from=a%20b&&limit=1%30&format=json',
        '/api/%72uns/7/charts?%66rom=a b&limit=10' =~ s/ /%20/r, '//api/x/../runs/7/./charts?limit=10&from=a%20b';
    is came($_), '200 computed', $_ for '/api/runs/7/charts?limit=10', '/api/runs/7/charts?limit=10&from=a%2Bb', '/api/runs/7/charts?limit=10&limit=10&from=a+b',
        '/api/runs/7/charts?Limit=10&from=a+b', '/api/runs/7%2Fcharts?x';
    is came('/api/runs/7%2Fcharts'), '200 {"run":7}', 'nginx decodes a path before it looks';
    is came('/api/runs/7/charts%3Fformat=csv'), '404 ' . $t->get('/api/no-card')->{body}, 'a path with ? in it is another path';
    is came('/api/runs/7%3Fa=b'), '200 computed', 'and another value';
    is came('/api/listed'), '200 "none"';
    is came('/api/listed?q'), '200 "empty"';
    is came('/api/listed?q=+'), '200 computed';
    is came('/api/any/Z%C3%BCrich%3f'), '200 "odd"', 'what must be encoded in a key';
    is came('/api/any/Z%C3%BCrich%253f'), '200 computed';
    is came('/api/runs/8'), '200 computed', 'what was another card\'s is not served';
    is came('/api/runs/strict'), '200 computed', 'nor what asks for more than the card does';
};

subtest 'what has no key is for whoever refuses it' => sub {
    is came($_), '200 computed', substr($_, 0, 40) for map { "/api/listed?$_" } 'q=%', 'q=%zz', 'q=%00', 'q=%ff', 'q=%C0%AF', join('&', map { "p$_=1" } 1 .. 33), 'q=' . 'v' x 3000;
    is $t->get('/api/listed?' . join '&', map { "p$_=1" } 1 .. 10_000)->{status}, 414, '10,000 parameters';
    is $t->get('/api/listed?q=' . 'v' x 65_536)->{status}, 414, 'a value of 64 KiB';
    is came('/api/any/' . '%C3%BC' x 700), '200 computed', 'a path whose key is too long';
    is came('/api/any/%ff'), '200 computed', 'a path that is not UTF-8';
    is came('/api/any/' . 'x' x 3000), '404 ' . $t->get('/api/no-card')->{body}, 'a path longer than any key';
};

subtest 'methods' => sub {
    for my $method (qw(POST PUT DELETE OPTIONS PATCH)) {
        my $r = $t->request({method => $method, path => '/api/runs/9/charts', headers => []});
        is "$r->{status} $r->{header}{allow}", '405 GET, HEAD', $method;
    }
    my $r = $t->head('/api/runs/9/charts');
    is "$r->{status} $r->{header}{'x-computed'}", '200 yes', 'HEAD of a miss is asked as HEAD';
};

subtest 'a miss' => sub {
    my $r = $t->get('/api/runs/9/charts?limit=%31');
    is $r->{body}, 'computed GET /api/runs/9/charts?limit=%31', 'goes where gate_compute leads, as it came';
    is $r->{header}{'cache-status'}, 'gatehouse; fwd=uri-miss', 'and says so';
    my @fields = map { $_->[1] } grep { lc $_->[0] eq 'cache-status' } @{$t->get('/api/runs/9/charts?status=gatehouse%3B')->{headers}};
    is scalar @fields, 2, 'the field of another' or diag "@fields";
    is $t->get('/here/api/runs/9/charts')->{header}{'x-computed'}, 'yes', 'without gate_compute it is the location\'s own';
    is $t->get('/off/api/runs/9/charts')->{status}, 404, 'off';
    is $t->get('/api/kept/9')->{status}, 404, 'a card that is not computed on demand';
};

subtest 'stale' => sub {
    my $r = $t->get('/api/runs/old/charts');
    is "$r->{header}{'x-computed'} $r->{header}{'cache-status'}", 'yes gatehouse; fwd=stale', 'is computed anew while the sidecar is there';
    is came('/here/api/runs/old/charts'), '200 computed';
    is came('/nowhere/api/runs/old/charts'), '200 "old"', 'but where there is nobody to';
    is came('/off/api/runs/old/charts'), '200 "old"';
    is came('/api/runs/gone/charts'), '200 computed', 'past the stale limit, too';
    is $t->get('/nowhere/api/runs/gone/charts')->{status}, 503;
    is came('/api/kept/old'), '200 "kept"', 'what is not computed on demand is a card like any other';
    is $t->get('/api/kept/gone')->{status}, 503;
};

subtest 'require' => sub {
    my sub ask ($path, $token = undef, %more) { return $t->get($path, $token ? (Authorization => "Bearer $token") : (), %more) }
    for my $path ('/api/secret/1', '/api/secret/2', '/here/api/secret/1', '/here/api/secret/2?x=%zz', '/nowhere/api/secret/1') {
        my $r = ask($path, $ada);
        is "$r->{status} $r->{header}{'www-authenticate'}", '401 Bearer realm="gatehouse"', "$path: nobody, where nobody asks for a token";
    }
    for my $path ('/strict/api/secret/1', '/strict/api/secret/2', '/strict/api/secret/2?x=%zz') {
        is ask($path)->{status}, 401, "$path: nobody";
        my $r = ask($path, $bob);
        is $r->{status}, 403, 'one of two';
        like $r->{header}{'www-authenticate'}, qr/scope="read write"/, 'with the scopes';
    }
    is ask('/strict/api/secret/1', $ada)->{body}, '"secret"', 'both';
    is ask('/strict/api/secret/1', $ada)->{header}{'cache-control'}, 'private, max-age=60';
    is ask('/strict/api/secret/2', $ada)->{header}{'x-computed'}, 'yes';
    is $t->request({method => 'POST', path => '/api/secret/1', headers => []})->{status}, 401, 'before the method';
    is $t->request({method => 'POST', path => '/strict/api/secret/1', headers => [Authorization => "Bearer $ada"]})->{status}, 405;
};

subtest 'counters' => sub {
    my sub served ($card, $result) { return samples($t->get('/metrics')->{body})->{qq(gatehouse_card_served_total{card="$card",result="$result"})} // 0 }
    for my $case (['hit', '/api/runs/7/charts'], ['miss', '/api/runs/9/charts'], ['miss', '/api/runs/old/charts'], ['stale', '/nowhere/api/runs/old/charts']) {
        my $before = served('charts', $case->[0]);
        $t->get($case->[1]);
        is served('charts', $case->[0]) - $before, 1, "$case->[0] of $case->[1], under the card's name";
    }
    my $text = $t->get('/metrics')->{body};
    unlike $text, qr{card="[^"]* }, 'no variant is a label';
    like $text, qr/gatehouse_card_age_seconds\{card="plain"\}/;
    like $text, qr/endpoint="\/api\/"/;
    unlike $text, qr/http_requests_total\{[^}]*endpoint="\@compute"[^}]*\} [1-9]/, 'what is computed counts for the location that was asked';
};

subtest 'touched' => sub {
    $publisher->events('touched');
    my $generation = $publisher->variant('charts', '/api/runs/t/charts', json => '"t"');
    wait_for(sub { came('/api/runs/t/charts') eq '200 "t"' }, 5, 'the new one');
    $t->get('/api/runs/t/charts') for 1 .. 20;
    my $event = $publisher->wait_for_event(qr/^touched.* $generation\b/);
    is scalar(() = $event =~ / $generation\b/g), 1, 'told once';
};

subtest 'the sidecar is away' => sub {
    $publisher->command('listen', 'off');
    $publisher->command('close');
    wait_for(sub { came('/api/runs/old/charts') eq '200 "old"' }, 5, 'what is stale is served again');
    like $t->get('/api/runs/old/charts')->{header}{'cache-status'}, qr/^gatehouse; hit; ttl=-/;
    my $r = $t->get('/api/runs/gone/charts');
    is $r->{status}, 503, 'until its limit';
    ok $r->{header}{'retry-after'};
    is came('/api/runs/9/charts'), '200 computed', 'a miss is a miss';
    is $t->get('/api/secret/1')->{status}, 401, 'guards stay';
};

$t->done;
