#!/usr/bin/perl
# Bad input: long and empty keys, bodies of refused requests, Expect, pipelines, requests that are none.
use v5.36;
use lib 't/lib';
use IO::Select;
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');

$t->nginx_conf(<<'END');
gate_limit_zone $http_k zone=key:1m quota=2/hour;
gate_limit_zone $arg_k zone=arg:1m quota=2/hour;
gate_limit_zone $uri$http_k zone=two:1m quota=2/hour;
gate_limit_zone all zone=count:1m quota=1000000/hour window=fixed;
gate_limit_zone all zone=closed:1m quota=1/hour;
large_client_header_buffers 8 1100k; client_max_body_size 1g; client_header_buffer_size 1k;
server {
    listen 127.0.0.1:%%PORT%%;
    location = /key { gate_limit zone=key; empty_gif; }
    location = /arg { gate_limit zone=arg; empty_gif; }
    location /two { gate_limit zone=two; empty_gif; }
    location = /count { gate_limit zone=count; empty_gif; }
    location = /closed { gate_limit zone=closed; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /open { empty_gif; }
    location / { gate_limit zone=count; proxy_pass http://127.0.0.1:%%PORT1%%; }
}
server { listen 127.0.0.1:%%PORT1%%; location / { return 200 "app\n"; } }
END
$t->start_nginx;
$t->get('/closed');  # used up from now on

sub statuses ($path, $count, %headers) { return join ' ', map { $t->get($path, %headers)->{status} } 1 .. $count }
sub counted () { return 1_000_000 - ($t->get('/count')->{header}{ratelimit} =~ /;r=(\d+)/)[0] }

subtest 'keys' => sub {
    for my $length (1, 8, 255, 256, 4000, 65_535, 65_536, 1_000_000) {
        my $stem = 'x' x ($length - 1);
        is statuses('/key', 3, K => "${stem}a"), '200 200 429', "of $length bytes: limited";
        is statuses('/key', 3, K => "${stem}b"), '200 200 429', 'one that differs in its last byte: by itself';
    }
    is statuses('/key', 5), '200 200 200 200 200', 'none: not limited';
    is statuses('/arg?k=', 5), '200 200 200 200 200', 'an empty one: not limited';
    is $t->get('/arg?k=')->{header}{$_}, undef, "and no $_" for qw(ratelimit ratelimit-policy);
    is statuses('/arg?k=%00a', 3), '200 200 429', 'NUL, encoded';
    is statuses('/arg?k=%00b', 3), '200 200 429';
    is statuses("/arg?k=\x{ff}\x{fe}", 3), '200 200 429', 'no UTF-8';
    is statuses('/twoab', 2, K => 'c'), '200 200', 'parts of a compound key';
    is statuses('/twoa', 1, K => 'bc'), '429', 'have no border of their own: the same bytes are the same key';
};

subtest 'a body that nobody wants' => sub {
    for my $size (0, 1, 10_000, 5_000_000) {
        my $http = $t->http(0, keepalive => 1);
        my $r = $http->request({method => 'POST', path => '/closed', body => 'x' x $size});
        is $r->{status}, 429, "$size bytes: refused";
        is $http->get('/open')->{status}, 200, 'the connection is usable';
    }
    my $http = $t->http(0, keepalive => 1)->connect;
    $http->send("POST /closed HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    is $http->read_response->{status}, 429, 'chunked: refused before the body is there';
    $http->send("3\r\nabc\r\n0\r\n\r\nGET /open HTTP/1.1\r\nHost: a\r\n\r\n");
    is $http->read_response->{status}, 200, 'and then the next request is read';
    $http = $t->http(0, keepalive => 1)->connect;
    $http->send(join '', map { $http->format({method => 'POST', path => $_, body => "GET /none HTTP/1.1\r\n\r\n"}) } '/closed', '/open', '/closed', '/open');
    is join(' ', map { $http->read_response->{status} } 1 .. 4), '429 405 429 405', 'in a pipeline';
    ok !IO::Select->new($http->{socket})->can_read(0.1), 'no body was read as a request';
};

subtest 'Expect: 100-continue' => sub {
    my $answer = sub ($path) {
        my $http = $t->http->connect;
        $http->send("POST $path HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        my $deadline = now() + 5;
        my $text = '';
        while ($text !~ /\r\n\r\n/ && now() < $deadline) {
            IO::Select->new($http->{socket})->can_read(0.1) && sysread $http->{socket}, $text, 65536, length $text;
        }
        $http->close;
        return (split /\r\n/, $text)[0] // '';
    };
    is $answer->('/closed'), 'HTTP/1.1 429 Too Many Requests', 'refused without 100';
    is $answer->('/app'), 'HTTP/1.1 100 Continue', 'admitted with it';
};

subtest 'what is no request is charged nothing' => sub {
    my @head = ("POST /app HTTP/1.1\r\n", "Host: a\r\n");
    my %bad = (
        'both lengths' => "$head[0]$head[1]Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        'two lengths' => "$head[0]$head[1]Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        'a length of +5' => "$head[0]$head[1]Content-Length: +5\r\n\r\nhello", 'a length of 5,5' => "$head[0]$head[1]Content-Length: 5,5\r\n\r\nhello",
        'a length of 20 digits' => "$head[0]$head[1]Content-Length: 99999999999999999999\r\n\r\nhello",
        'an unknown encoding' => "$head[0]$head[1]Transfer-Encoding: xchunked\r\n\r\n",
        'two hosts' => "GET /app HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 'an empty host' => "GET /app HTTP/1.1\r\nHost:\r\n\r\n",
        'a host with a space' => "GET /app HTTP/1.1\r\nHost: a b\r\n\r\n", 'no host' => "GET /app HTTP/1.1\r\n\r\n",
        'NUL in a field' => "GET /app HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 'NUL in the path' => "GET /app%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        'a path beyond the root' => "GET /../app HTTP/1.1\r\nHost: a\r\n\r\n", 'no version' => "GET /app HTTP/9.9\r\nHost: a\r\n\r\n",
        'TRACE' => "TRACE /app HTTP/1.1\r\nHost: a\r\n\r\n", 'CONNECT' => "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        'garbage' => "\x16\x03\x01\x02\0\x01\0\x01\xfc\r\n\r\n",
    );
    for my $name (sort keys %bad) {
        my $before = counted();
        my $http = $t->http;
        my $r = eval { $http->request($bad{$name}) };
        like $r ? $r->{status} : 'closed', qr/^(?:400|405|414|501|505)$/, "$name: $r->{status}";
        is counted() - $before, 1, "$name: charged nothing";
    }
    my $before = counted();
    my $http = $t->http->connect;
    $http->send("GET /count\r\n");
    ok $http->more(now() + 10), 'HTTP/0.9 is answered';
    unlike $http->{buffer}, qr/RateLimit/i, 'without fields, as it has none';
    is counted() - $before, 2, 'and charged';
    $http->connect->send("GET /closed\r\n");
    1 while $http->more(now() + 10);
    like $http->{buffer}, qr/^\{"type":"[^"]*quota-exceeded"/, 'a refusal in HTTP/0.9 is its body';
};

is scalar(grep { /\[(?:crit|alert|emerg)\]/ } split /\n/, $t->log_text('error.log')), 0, 'nothing worse than an error in the log';
$t->done;
