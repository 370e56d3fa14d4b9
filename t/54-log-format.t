#!/usr/bin/perl
# conf/nginx/log-format.conf: each request is one line of JSON, whatever is asked, and no secret of a query is in it.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Http;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs the module' if !$t->built('module');
my $format = Gatehouse::root() . '/conf/nginx/log-format.conf';
$t->nginx_conf(<<"END");
include $format;
access_log %%DIR%%/access.json gatehouse;
gate_limit_zone \$remote_addr zone=one:128k quota="1/hour";
server {
    listen 127.0.0.1:%%PORT%%;
    location / { return 204; }
    location /limited { gate_limit zone=one; empty_gif; }
    location /known { gate_auth token; empty_gif; }
}
END
$t->start_nginx;
my $http = Gatehouse::Http->new(port => $t->port);
$http->get('/plain?secret=sesame', Referer => 'http://a.example/?secret=sesame', 'User-Agent' => "a \"quote\" \\");
$http->get('/%0aline%22');
$http->get('/limited') for 1 .. 2;
$http->get('/known');
$http->get('/a%ff?secret=sesame', 'User-Agent' => "b\xff\xc3");
$http->get("/c%c3%a9", 'User-Agent' => "d\xc3\xa9");
for my $raw ("GET /e\xff?secret=sesame HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /f HTTP/1.1\r\nHost: a\xff\r\nConnection: close\r\n\r\n") {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . $t->port) or die "connect: $!";
    print {$socket} $raw;
    1 while readline $socket;
}
my @lines;
wait_for(sub { (@lines = split /\n/, Gatehouse::read_file($t->dir('access.json')) // '') == 9 }, 10, 'nine lines');
my @said = map { eval { decode_json($_) } // fail("no JSON: $_") } @lines;
is scalar @said, 9, 'every line is JSON';
is $said[0]{message}, 'GET /plain 204', 'what was asked and answered';
like $said[0]{timestamp}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/, 'when';
is "$said[0]{level} $said[0]{name}", 'info nginx.access', 'level and name';
like $said[0]{request_id}, qr/^[0-9a-f]{32}$/, 'the request id';
is $said[0]{client}, '127.0.0.1', 'the client';
unlike join("\n", @lines), qr/sesame/, 'no query';
is $said[1]{path}, "/\nline\"", 'control characters are escaped';
is $said[3]{status}, '429', 'a refused request';
is $said[3]{limit}, 'REJECTED', 'and by what';
is $said[4]{status}, '401', 'one without a token';
isnt $said[4]{auth}, '', 'and why';
is "$said[5]{path} $said[5]{agent}", '/a%ff not UTF-8', 'a path that is not UTF-8 is as it was sent';
is "$said[6]{path} $said[6]{agent}", "/c\x{e9} d\x{e9}", 'what is UTF-8 is itself';
is $said[7]{path}, '/e', 'of a byte that is no ASCII nothing is left';
is $said[8]{path}, '/f', 'nor of one in the name of a host';
$t->stop_nginx;
done_testing;
